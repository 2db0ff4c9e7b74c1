//! Flags private addresses among the values of `aws:SourceIp`.

use crate::policy::{Statement, Test};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if &*condition.key != "aws:sourceip" || condition.test() != Some(Test::IpAddress) {
            continue;
        }
        let values = condition.values.iter();
        let private: Vec<_> = values
            .filter(|it| it.network().is_some_and(|it| it.is_private()))
            .collect();
        if private.is_empty() || private.len() == condition.values.len() {
            continue;
        }
        let spans: Vec<_> = private.iter().map(|it| it.span).collect();
        for value in private {
            let edits = cx.remove_values(condition, &spans);
            let text = value.template.text();
            cx.report(value.span, format!("`{text}` is private, and `aws:SourceIp` is public"))
                .why("no request has it there, so it does nothing")
                .help("remove it; requests through a VPC endpoint are told by `aws:VpcSourceIp` with `aws:SourceVpc`")
                .fix("remove private addresses", edits.into_iter().flatten());
        }
    }
}
