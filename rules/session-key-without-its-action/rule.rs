//! Flags conditions on what a caller may set only with an action that the trust policy lacks.

use crate::json::edit::quoted;
use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

/// Returns the action that sets a key, in lower case ("Monitor and control actions taken with
/// assumed roles"; "Pass session tags in AWS STS").
fn setter(key: &str) -> Option<&'static str> {
    match key {
        "sts:sourceidentity" => Some("sts:SetSourceIdentity"),
        "aws:tagkeys" | "sts:transitivetagkeys" => Some("sts:TagSession"),
        _ if key.starts_with("aws:requesttag/") => Some("sts:TagSession"),
        _ => None,
    }
}

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow || statement.action.negated {
        return;
    }
    for condition in &statement.conditions {
        let Some(action) = setter(&condition.key) else {
            continue;
        };
        if condition.operator.is_none() || condition.holds_when_absent() {
            continue;
        }
        let mut statements = cx.document.statements.iter();
        let sets = |it: &Statement| it.effect == Effect::Allow && cx.may_match(it, action);
        if statements.any(sets) {
            continue;
        }
        let edit = cx
            .editor()
            .and_then(|it| it.append_element(statement.action.span, &quoted(action)));
        let key = &condition.key_text.text;
        cx.report(
            condition.key_text.span,
            format!("`{key}` is demanded, and `{action}` is not allowed"),
        )
        .related(statement.action.span, format!("`{action}` is missing"))
        .why("a call that sets it is refused, and one that does not fails the condition: nobody can assume the role")
        .help(format!("add `{action}` to the actions"))
        .fix(format!("add `{action}`"), edit);
    }
}
