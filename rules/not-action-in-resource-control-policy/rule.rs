//! Flags `NotAction` in resource control policies.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("not-action-in-resource-control-policy");
}
