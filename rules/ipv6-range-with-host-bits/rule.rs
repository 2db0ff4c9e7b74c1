//! Flags IPv6 networks with bits behind their prefix, which match no address.

use crate::policy::Statement;
use crate::policy::operand::Network;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        for value in &condition.values {
            let Some(network @ Network::V6(..)) = value.network() else {
                continue;
            };
            if !network.has_host_bits() {
                continue;
            }
            let (text, new) = (value.template.text(), network.text());
            let edit = cx.editor().map(|it| it.replace_text(value.span, &new));
            cx.report(value.span, format!("`{text}` matches no address"))
                .why("an IPv6 network with bits behind its prefix never matches, not even its own address")
                .help(format!("write `{new}`"))
                .fix(format!("write `{new}`"), edit);
        }
    }
}
