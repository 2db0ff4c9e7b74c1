//! Flags conditions on keys that none of the statement's actions carries.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if condition.operator.is_none() || !cx.is_listed_by_action(condition) {
            continue;
        }
        let Some((without, false)) = cx.without_key(statement, condition) else {
            continue;
        };
        let Some(pattern) = without.first() else {
            continue;
        };
        let why = match (statement.effect, condition.holds_when_absent()) {
            (Effect::Allow, false) => {
                "without the key the condition is false, so the statement allows nothing"
            }
            (Effect::Allow, true) => "without the key the condition is true, so it limits nothing",
            (Effect::Deny, false) => {
                "without the key the condition is false, so the statement denies nothing"
            }
            (Effect::Deny, true) => {
                "without the key the condition is true, so the statement denies every call"
            }
        };
        let (key, action) = (&condition.key_text.text, &pattern.text);
        let message = match without.len() {
            1 => format!("AWS does not list `{key}` for `{action}`"),
            _ => format!("AWS lists `{key}` for no action of the statement"),
        };
        let date = &cx.memo.catalog().info().date;
        cx.report(condition.key_text.span, message)
            .related(pattern.span, "does not carry the key")
            .why(format!("requests carry the keys that AWS lists for their action (here as of {date}); {why}"))
            .help("use a key that AWS lists for the action, or move the condition to the actions that carry it");
    }
}
