//! Flags `aws:SourceIp` with nothing but private addresses.

use crate::policy::{Statement, Test};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if &*condition.key != "aws:sourceip" || condition.test() != Some(Test::IpAddress) {
            continue;
        }
        let mut values = condition.values.iter();
        let is_private = values.all(|it| it.network().is_some_and(|it| it.is_private()));
        if condition.values.is_empty() || !is_private {
            continue;
        }
        let edits = cx.rename_key(statement, condition, "aws:VpcSourceIp");
        let why = if condition.is_negated() {
            "no request has a private address there, so the condition is always true"
        } else {
            "no request has a private address there, so the condition never holds for one that has the key"
        };
        cx.report(condition.values_span, "`aws:SourceIp` is a public address")
            .label("private addresses only")
            .why(why)
            .help("use `aws:VpcSourceIp`, together with `aws:SourceVpc`, for requests through a VPC endpoint")
            .fix("write `aws:VpcSourceIp`", edits.into_iter().flatten());
    }
}
