//! Flags Allow statements that rest on a negated condition.

use crate::policy::{Effect, Quantifier, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow {
        return;
    }
    for condition in &statement.conditions {
        let is_open = condition.is_negated()
            && condition.quantifier() != Some(Quantifier::ForAnyValue)
            && !condition.values.is_empty();
        if !is_open
            || &*condition.key == "s3:prefix"
            || cx.is_sure(statement, condition)
            || cx.is_limited_beside(statement, condition)
        {
            continue;
        }
        let key = &condition.key_text.text;
        cx.report(
            condition.operator_text.span,
            format!("requests without `{key}` pass this condition"),
        )
        .why("a negated operator is true where the key is missing, and for every value but the listed ones")
        .help("list what is allowed instead, or demand the key by `Null` with `false`");
    }
}
