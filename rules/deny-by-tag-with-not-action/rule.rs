//! Flags Deny statements with `NotAction` and a condition on tags of the resource.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Deny || !statement.action.negated {
        return;
    }
    let tag = statement
        .conditions
        .iter()
        .find(|it| it.key.starts_with("aws:resourcetag/") && !it.holds_when_absent());
    let Some(condition) = tag else { return };
    let key = &condition.key_text.text;
    cx.report(
        condition.key_text.span,
        format!("actions that do not carry `{key}` escape this Deny"),
    )
    .related(statement.action.key_span, "all actions but the listed ones")
    .why("only some actions send the tags of the resource; for the others the condition is false, also where the resource has the tag")
    .help("list the actions that are to be denied, and deny those without tags by the ARNs of the resources");
}
