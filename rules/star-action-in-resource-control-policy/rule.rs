//! Flags `*` as an action of resource control policies.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("star-action-in-resource-control-policy");
}
