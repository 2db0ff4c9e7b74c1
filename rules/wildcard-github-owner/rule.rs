//! Flags GitHub subjects that match owners with similar names.

use crate::policy::Statement;
use crate::rule::{RuleContext, Subjects};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for (value, subjects) in cx.subject().github_subjects(statement) {
        if subjects != Subjects::SimilarOwners {
            continue;
        }
        let text = value.template.text();
        cx.report(
            value.span,
            format!("`{text}` matches owners with similar names"),
        )
        .why("whoever registers a fitting name on GitHub can assume the role")
        .help("write the owner's whole name, with a `/` after it");
    }
}
