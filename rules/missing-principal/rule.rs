//! Flags statements without the `Principal` that they need.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("missing-principal");
}
