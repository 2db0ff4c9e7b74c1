//! Statements with an element and its opposite.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("element-and-its-opposite");
}
