//! Flags `ForAllValues` on single-valued keys where it lets requests without the key pass.

use crate::policy::{Effect, Quantifier, Statement};
use crate::rule::{OperatorName, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow {
        return;
    }
    for condition in &statement.conditions {
        let is_open = condition.quantifier() == Some(Quantifier::ForAllValues)
            && !condition.is_negated()
            && !condition.is_if_exists();
        if !is_open || !cx.memo.is_single(condition) || cx.is_sure(statement, condition) {
            continue;
        }
        let name = OperatorName::of(&condition.operator_text.text);
        let new = name.without_prefix();
        let edits = cx.move_condition(statement, condition, &new, None);
        let key = &condition.key_text.text;
        cx.report(
            condition.operator_text.span,
            format!("`ForAllValues` lets requests without `{key}` pass"),
        )
        .related(condition.key_text.span, "has one value at most")
        .why("`ForAllValues` is true where there are no values, so the condition only keeps out requests that bring the key")
        .help(format!("write `{new}`: set operators are for keys with several values"))
        .fix(format!("write `{new}`"), edits.into_iter().flatten());
    }
}
