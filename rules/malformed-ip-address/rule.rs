//! Flags values under Ip operators that are no addresses or networks.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("malformed-ip-address");
}
