//! Flags `NotResource` with Allow, where no condition limits it.

use crate::policy::{Effect, Statement};
use crate::rule::{RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(resource) = statement.resource.as_ref().filter(|it| it.negated) else {
        return;
    };
    if statement.effect != Effect::Allow || resource.patterns.is_empty() {
        return;
    }
    let is_nothing = resource.patterns.iter().any(|it| it.is_everything());
    if is_nothing || cx.is_limited(statement) {
        return;
    }
    let names: Vec<&str> = resource
        .patterns
        .iter()
        .map(|it| it.template.text())
        .collect();
    let message = format!(
        "`NotResource` allows every resource but {}",
        name_some(&names)
    );
    cx.report(resource.key_span, message)
        .why("it allows all other resources, also in other accounts, and those that are made later")
        .help("list what is needed under `Resource`, or keep `NotResource` for Deny statements");
}
