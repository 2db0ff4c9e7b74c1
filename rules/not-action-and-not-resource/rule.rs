//! Flags Allow statements that name only what they do not allow.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(resource) = &statement.resource else {
        return;
    };
    if statement.effect != Effect::Allow || !statement.action.negated || !resource.negated {
        return;
    }
    let is_nothing = statement.action.patterns.iter().any(|it| &*it.text == "*")
        || resource.patterns.iter().any(|it| it.is_everything());
    if is_nothing || cx.is_limited(statement) {
        return;
    }
    let action = statement.action.key_span;
    cx.report(
        resource.key_span,
        "every action but some is allowed on every resource but some",
    )
    .related(action, "the actions are open, too")
    .why("nearly everything is allowed, also what AWS adds later")
    .help("name the actions and the resources that are needed");
}
