//! Flags values of `aws:SourceVpce` that are no ids of a VPC endpoint.

use crate::policy::Statement;
use crate::rule::RuleContext;

const KEYS: [&str; 1] = ["aws:sourcevpce"];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    cx.report_malformed_ids(statement, &KEYS, "vpce-", "a VPC endpoint");
}
