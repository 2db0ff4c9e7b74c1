//! Flags values under Numeric operators that are no numbers.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("malformed-number");
}
