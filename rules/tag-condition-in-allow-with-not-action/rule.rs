//! Flags Allow statements with `NotAction` and a condition on tags of the resource.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow || !statement.action.negated {
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
        format!("most actions never carry `{key}`"),
    )
    .related(statement.action.key_span, "all actions but the listed ones")
    .why("only some actions send the tags of the resource; the others are not allowed, and which they are changes with AWS")
    .help("list the actions that are meant");
}
