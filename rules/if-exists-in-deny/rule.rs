//! Flags Deny statements whose `IfExists` also denies every request without the key.

use crate::policy::{Effect, Statement, Test};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Deny {
        return;
    }
    for condition in &statement.conditions {
        let is_text = condition.compares_strings()
            || matches!(condition.test(), Some(Test::Arn | Test::IpAddress));
        let is_positive =
            condition.is_if_exists() && !condition.is_negated() && condition.quantifier().is_none();
        if !is_text || !is_positive || cx.is_sure(statement, condition) {
            continue;
        }
        let (operator, key) = (&condition.operator_text.text, &condition.key_text.text);
        cx.report(
            condition.operator_text.span,
            format!("this Deny also denies every request without `{key}`"),
        )
        .why(format!("`{operator}` is true where the key is missing"))
        .help("leave `IfExists` out to deny these values only; or say by `Null` that the key is demanded");
    }
}
