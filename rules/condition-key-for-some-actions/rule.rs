//! Flags actions that never carry a key which other actions of the statement do.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.action.patterns.len() < 2 {
        return;
    }
    for condition in &statement.conditions {
        if condition.operator.is_none() || !cx.is_listed_by_action(condition) {
            continue;
        }
        let Some((without, true)) = cx.without_key(statement, condition) else {
            continue;
        };
        let Some(pattern) = without.first() else {
            continue;
        };
        let why = match (statement.effect, condition.holds_when_absent()) {
            (Effect::Allow, false) => {
                "without the key the condition is false, so they are not allowed"
            }
            // Written for just that: `IfExists` beside actions with and without the key.
            (_, true) => continue,
            (Effect::Deny, false) => {
                "without the key the condition is false, so they are not denied"
            }
        };
        let (key, action) = (&condition.key_text.text, &pattern.text);
        let message = match without.len() {
            1 => format!("AWS does not list `{key}` for `{action}`"),
            2 => format!("AWS does not list `{key}` for `{action}` and another action"),
            count => format!(
                "AWS does not list `{key}` for `{action}` and {} more actions",
                count - 1
            ),
        };
        let mut report = cx.report(condition.key_text.span, message);
        for pattern in &without {
            report.related(pattern.span, "does not carry the key");
        }
        report
            .why(why)
            .help("put the actions that do not carry the key into a statement of their own");
    }
}
