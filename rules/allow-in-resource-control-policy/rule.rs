//! Flags `Allow` in resource control policies.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("allow-in-resource-control-policy");
}
