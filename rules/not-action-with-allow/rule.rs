//! Flags `NotAction` with Allow on every resource, where no condition limits it.

use crate::policy::{Effect, Statement};
use crate::rule::{RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let action = &statement.action;
    if statement.effect != Effect::Allow || !action.negated || action.patterns.is_empty() {
        return;
    }
    let is_nothing = action.patterns.iter().any(|it| &*it.text == "*");
    let resource = statement.resource.as_ref();
    let is_wide =
        resource.is_none_or(|it| it.negated || it.patterns.iter().any(|it| it.is_everything()));
    if is_nothing || !is_wide || cx.is_limited(statement) {
        return;
    }
    let names: Vec<&str> = action.patterns.iter().map(|it| &*it.text).collect();
    let message = format!("`NotAction` allows every action but {}", name_some(&names));
    cx.report(action.key_span, message)
        .why("it allows all other services, and whatever AWS adds to them later")
        .help("list what is needed under `Action`, or keep `NotAction` for Deny statements");
}
