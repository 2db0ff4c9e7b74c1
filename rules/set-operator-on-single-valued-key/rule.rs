//! Flags set operators on single-valued keys that do no harm.

use crate::policy::{Effect, Quantifier, Statement, Test};
use crate::rule::{OperatorName, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let Some(quantifier) = condition.quantifier() else {
            continue;
        };
        let is_audience = condition.key.ends_with(":aud");
        let is_single = cx.memo.is_single(condition)
            || is_audience && cx.memo.key(condition).is_some_and(|it| !it.multivalued);
        if !is_single || condition.test() == Some(Test::Null) {
            continue;
        }
        let is_open = statement.effect == Effect::Allow
            && quantifier == Quantifier::ForAllValues
            && !condition.is_negated()
            && !condition.is_if_exists()
            && !cx.is_sure(statement, condition);
        // `for-all-values-on-single-valued-key` says more of it.
        if is_open && cx.memo.is_single(condition) {
            continue;
        }
        let new = OperatorName::of(&condition.operator_text.text).without_prefix();
        let edits = cx.move_condition(statement, condition, &new, None);
        let key = &condition.key_text.text;
        cx.report(
            condition.operator_text.span,
            format!("`{key}` has one value, and takes no set operator"),
        )
        .related(condition.key_text.span, "has one value at most")
        .why("set operators treat requests without the key in their own way, which hardly anybody expects of a single value")
        .help(format!("write `{new}`"))
        .fix(format!("write `{new}`"), edits.into_iter().flatten());
    }
}
