//! Reports wildcards in the resource types of ARNs.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("wildcard-in-resource-type");
}
