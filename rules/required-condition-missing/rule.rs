//! Flags actions that the team allows under a condition only, where the condition is missing.

use crate::pattern;
use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow {
        return;
    }
    for required in &cx.subject().lists.required_conditions {
        let named = required.actions.iter().find_map(|action| {
            let folded = action.to_ascii_lowercase();
            let element = &statement.action;
            if element.negated {
                return cx
                    .may_match(statement, action)
                    .then_some((action, element.key_span));
            }
            let mut patterns = element.patterns.iter();
            let found = patterns.find(|it| pattern::overlap(it.folded(), &folded, |a, b| a == b));
            found.map(|it| (action, it.span))
        });
        let Some((action, span)) = named else {
            continue;
        };
        let is_met = statement.conditions.iter().any(|it| {
            let mut keys = required.keys.iter();
            keys.any(|key| pattern::matches_folded(key, &it.key)) && it.is_limit(statement)
        });
        if is_met {
            continue;
        }
        let keys = required.keys.join("`, `");
        cx.report(
            span,
            format!("`{action}` is allowed without the condition that your settings demand"),
        )
        .why(format!(
            "your settings allow it only under a condition on `{keys}`"
        ))
        .help(format!(
            "add a condition on `{keys}` that keeps some requests out"
        ));
    }
}
