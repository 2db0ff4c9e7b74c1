//! Flags keys that hold lists under operators without `ForAllValues` or `ForAnyValue`.

use crate::policy::{Statement, Test};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let is_plain = condition
            .operator
            .is_some_and(|it| it.quantifier.is_none() && it.test != Test::Null);
        if !is_plain || !cx.memo.is_list(condition) {
            continue;
        }
        let operator = &*condition.operator_text.text;
        // "None of the values": that is what a negated operator is written for.
        let prefix = if condition.is_negated() {
            "ForAllValues"
        } else {
            "ForAnyValue"
        };
        let new = format!("{prefix}:{operator}");
        let edits = cx.move_condition(statement, condition, &new, None);
        let key = &condition.key_text.text;
        cx.report(
            condition.operator_text.span,
            format!("`{operator}` compares `{key}`, which holds a list"),
        )
        .related(
            condition.key_text.span,
            "holds a list, also where it has one value",
        )
        .why("without a set operator a list matches nothing, under a negated operator neither")
        .help(format!(
            "write `{new}`, or `ForAllValues` and `ForAnyValue` the other way round"
        ))
        .fix(format!("write `{new}`"), edits.into_iter().flatten());
    }
}
