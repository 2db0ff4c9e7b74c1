//! Flags Deny statements on `aws:MultiFactorAuthPresent` that spare requests without the key.

use crate::policy::{Effect, Operand, Statement, Test};
use crate::rule::RuleContext;

const KEY: &str = "aws:multifactorauthpresent";

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Deny {
        return;
    }
    for condition in &statement.conditions {
        let is_bool = condition.test() == Some(Test::Bool)
            && !condition.is_if_exists()
            && condition.quantifier().is_none();
        let mut values = condition.values.iter();
        let wants_none = values.any(|it| it.operand == Operand::Truth(false));
        if &*condition.key != KEY || !is_bool || !wants_none {
            continue;
        }
        // A second statement for the missing key is another way to write it.
        let is_closed = cx.document.statements.iter().any(|it| {
            let mut conditions = it.conditions.iter();
            it.effect == Effect::Deny && conditions.any(|it| &*it.key == KEY && it.is_null(true))
        });
        if is_closed {
            continue;
        }
        let edits = cx.move_condition(statement, condition, "BoolIfExists", None);
        let key = &condition.key_text.text;
        cx.report(
            condition.operator_text.span,
            "requests with access keys of a user escape this Deny",
        )
        .related(condition.key_text.span, "missing in such requests")
        .why(format!(
            "long-term credentials carry no `{key}`, and `Bool` is false without it"
        ))
        .help("write `BoolIfExists`, which is true where the key is missing")
        .fix("write `BoolIfExists`", edits.into_iter().flatten());
    }
}
