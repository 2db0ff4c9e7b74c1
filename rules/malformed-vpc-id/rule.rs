//! Flags values of `aws:SourceVpc` that are no ids of a VPC.

use crate::policy::Statement;
use crate::rule::RuleContext;

const KEYS: [&str; 2] = ["aws:sourcevpc", "aws:ec2instancesourcevpc"];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    cx.report_malformed_ids(statement, &KEYS, "vpc-", "a VPC");
}
