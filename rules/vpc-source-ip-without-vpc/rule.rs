//! Flags `aws:VpcSourceIp` where no other condition says which VPC.

use crate::catalog::Presence;
use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let lets_in = (statement.effect == Effect::Deny) == condition.is_negated();
        if &*condition.key != "aws:vpcsourceip" || !lets_in {
            continue;
        }
        let names_vpc = statement.conditions.iter().any(|it| {
            let presence = cx.memo.key(it).and_then(|it| it.presence);
            it.key != condition.key
                && matches!(
                    presence,
                    Some(Presence::VpcEndpoint | Presence::VpcEndpointOfSomeServices)
                )
        });
        if names_vpc {
            continue;
        }
        let key = &condition.key_text.text;
        cx.report(
            condition.key_text.span,
            format!("`{key}` does not say in which VPC"),
        )
        .why("VPCs of strangers use the same private addresses, and requests through their endpoints match as well")
        .help("add `aws:SourceVpc` or `aws:SourceVpce` to the statement");
    }
}
