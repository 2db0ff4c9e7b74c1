//! Flags values under Arn operators that are no ARNs.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("malformed-arn");
}
