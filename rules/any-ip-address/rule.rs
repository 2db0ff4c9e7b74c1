//! Flags address conditions on every address.

use crate::policy::{Effect, Statement, Test};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if condition.test() != Some(Test::IpAddress) {
            continue;
        }
        let mut values = condition.values.iter();
        let open = values.find(|it| it.network().is_some_and(|it| it.is_everything()));
        let Some(value) = open else { continue };
        let text = value.template.text();
        let family = if text.contains(':') { "IPv6" } else { "IPv4" };
        let (message, why) = match (statement.effect, condition.is_negated()) {
            (Effect::Allow, false) if !cx.is_limited_beside(statement, condition) => (
                format!("`{text}` lets every {family} address pass"),
                "the condition looks like a limit, and no other condition of the statement is one",
            ),
            (Effect::Deny, true) => (
                format!("`{text}` spares every {family} address from this Deny"),
                "the Deny is meant for all but the listed networks, and this one is all of them",
            ),
            _ => continue,
        };
        cx.report(value.span, message)
            .why(why)
            .help("list the networks that are meant, or remove the condition");
    }
}
