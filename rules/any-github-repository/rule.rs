//! Flags GitHub subjects that match everybody's repositories.

use crate::policy::Statement;
use crate::rule::{RuleContext, Subjects};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for (value, subjects) in cx.subject().github_subjects(statement) {
        if subjects != Subjects::Everybody {
            continue;
        }
        let text = value.template.text();
        cx.report(
            value.span,
            format!("`{text}` matches repositories of everybody"),
        )
        .why("anybody can run a workflow in a repository of their own and assume the role")
        .help("name owner and repository, as in `repo:OWNER/REPOSITORY:ref:refs/heads/main`");
    }
}
