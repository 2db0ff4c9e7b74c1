//! Flags `"Action": "*"` in Allow statements that no condition limits.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let action = &statement.action;
    if statement.effect != Effect::Allow || action.negated {
        return;
    }
    let Some(star) = action.patterns.iter().find(|it| &*it.text == "*") else {
        return;
    };
    if cx.is_limited(statement) {
        return;
    }
    cx.report(star.span, "every action is allowed on these resources")
        .why("deleting them and changing who may use them is among it")
        .help("name the actions that are needed, or `service:*` for all of one service");
}
