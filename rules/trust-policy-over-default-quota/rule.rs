//! Trust policies that need a raised quota.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    if !cx.is_aws_managed() {
        cx.report_problems("trust-policy-over-default-quota");
    }
}
