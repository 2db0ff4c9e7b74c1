//! Identity policies that only fit a role, as an inline policy.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    if !cx.is_aws_managed() {
        cx.report_problems("too-large-for-managed-policy");
    }
}
