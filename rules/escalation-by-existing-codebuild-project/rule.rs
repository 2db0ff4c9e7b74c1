//! Flags the right to build every project.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_taken_role("name the projects, such as `arn:aws:codebuild:*:*:project/app-*`");
}
