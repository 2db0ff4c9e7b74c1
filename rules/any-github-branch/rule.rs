//! Flags GitHub subjects that match every branch, or every repository of an owner.

use crate::policy::Statement;
use crate::rule::{GITHUB, RuleContext, Subjects};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    // The claim says what the subject leaves open.
    let names_branch = statement.limits_claim(GITHUB, &["ref", "environment", "job_workflow_ref"]);
    for (value, subjects) in cx.subject().github_subjects(statement) {
        let text = value.template.text();
        let (what, who) = match subjects {
            Subjects::Owner => ("several repositories of the owner", "in any of them"),
            Subjects::Repository if !names_branch => ("more than one branch or event", "there"),
            _ => continue,
        };
        cx.report(value.span, format!("`{text}` matches {what}"))
            .why(format!(
                "whoever can push a branch {who} can run a workflow with the role"
            ))
            .help("name repository and branch, as in `repo:OWNER/REPOSITORY:ref:refs/heads/main`");
    }
}
