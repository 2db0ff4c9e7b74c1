//! Flags values under Date operators that are no dates.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("malformed-date");
}
