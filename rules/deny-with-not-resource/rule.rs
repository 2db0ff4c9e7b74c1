//! Lists what a Deny with `NotResource` spares.

use crate::policy::{Effect, Statement};
use crate::rule::{RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(resource) = statement.resource.as_ref().filter(|it| it.negated) else {
        return;
    };
    if statement.effect != Effect::Deny || resource.patterns.is_empty() {
        return;
    }
    if resource.patterns.iter().any(|it| it.is_everything()) {
        return;
    }
    let names: Vec<&str> = resource
        .patterns
        .iter()
        .map(|it| it.template.text())
        .collect();
    cx.report(
        resource.key_span,
        format!("this Deny spares {}", name_some(&names)),
    )
    .why("on everything else the actions are denied, also those that work on `*` only")
    .help("check that nothing else has to work, and that each exception is wanted");
}
