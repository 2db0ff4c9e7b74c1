//! Flags `ForAllValues` as the only limit of an Allow, where a request may lack the key.

use crate::policy::{Effect, Quantifier, Statement, Test};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow {
        return;
    }
    let index = cx.index();
    for condition in &statement.conditions {
        let is_for_all = condition.quantifier() == Some(Quantifier::ForAllValues)
            && condition.test() != Some(Test::Null);
        if !is_for_all
            || cx.memo.is_single(condition)
            || cx.is_sure(statement, condition)
            || cx.is_limited_beside(statement, condition)
            || cx.is_part_of_each_call(index, condition)
        {
            continue;
        }
        let key = &condition.key_text.text;
        let edits = cx.add_condition(statement, "Null", key, "\"false\"");
        cx.report(
            condition.operator_text.span,
            format!("requests without `{key}` pass this condition"),
        )
        .why("`ForAllValues` is true where there are no values, and no other condition of the statement limits it")
        .help(format!("add `Null` with `false` for `{key}`, unless requests without it are meant to pass"))
        .fix("demand the key", edits.into_iter().flatten());
    }
}
