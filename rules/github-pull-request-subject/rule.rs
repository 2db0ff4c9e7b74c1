//! Flags GitHub subjects that let pull requests in.

use crate::policy::Statement;
use crate::rule::{RuleContext, Subjects};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for (value, subjects) in cx.subject().github_subjects(statement) {
        if subjects != Subjects::PullRequests {
            continue;
        }
        cx.report(value.span, "pull requests can assume the role")
            .why("whoever opens one runs code with the role before anybody has read it")
            .help("give pull requests a role that only reads, and name a branch here");
    }
}
