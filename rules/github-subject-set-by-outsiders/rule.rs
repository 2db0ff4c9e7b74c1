//! Flags GitHub subjects that rest on claims which anybody can set.

use crate::policy::Statement;
use crate::rule::{RuleContext, Subjects};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for (value, subjects) in cx.subject().github_subjects(statement) {
        if subjects != Subjects::Outsiders {
            continue;
        }
        let text = value.template.text();
        cx.report(
            value.span,
            format!("`{text}` names neither owner nor repository"),
        )
        .why("anybody can have such a subject in a repository of their own")
        .help("begin with `repo:OWNER/REPOSITORY`");
    }
}
