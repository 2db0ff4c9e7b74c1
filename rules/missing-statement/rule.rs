//! Documents without `Statement`.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("missing-statement");
}
