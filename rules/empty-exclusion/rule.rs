//! Empty lists of what is excluded.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("empty-exclusion");
}
