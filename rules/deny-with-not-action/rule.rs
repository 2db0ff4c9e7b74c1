//! Lists what a Deny with `NotAction` spares.

use crate::policy::{Effect, Statement};
use crate::rule::{RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let action = &statement.action;
    if statement.effect != Effect::Deny || !action.negated || action.patterns.is_empty() {
        return;
    }
    if action.patterns.iter().any(|it| &*it.text == "*") {
        return;
    }
    let names: Vec<&str> = action.patterns.iter().map(|it| &*it.text).collect();
    let message = format!("this Deny spares {}", name_some(&names));
    cx.report(action.key_span, message)
        .why("everything else is denied, also services that are yet to come")
        .help("check that nothing else has to work, and that each exception is wanted");
}
