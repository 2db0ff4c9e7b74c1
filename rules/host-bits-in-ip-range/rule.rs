//! Flags IPv4 networks with bits behind their prefix, which AWS ignores.

use crate::policy::Statement;
use crate::policy::operand::Network;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        for value in &condition.values {
            let Some(network @ Network::V4(..)) = value.network() else {
                continue;
            };
            if !network.has_host_bits() {
                continue;
            }
            let (text, new) = (value.template.text(), network.text());
            let edit = cx.editor().map(|it| it.replace_text(value.span, &new));
            cx.report(value.span, format!("`{text}` is the network `{new}`"))
                .why("AWS ignores what stands behind the prefix, so more addresses match than the text suggests")
                .help(format!("write `{new}`, or a longer prefix if fewer addresses were meant"))
                .fix(format!("write `{new}`"), edit);
        }
    }
}
