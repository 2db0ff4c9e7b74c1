//! Flags a limit on attributes that reads without a list of attributes get round.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

/// Actions that read items.
const ACTIONS: [&str; 5] = [
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:PartiQLSelect",
];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let has = |key: &str| statement.conditions.iter().find(|it| &*it.key == key);
    let Some(condition) = has("dynamodb:attributes") else {
        return;
    };
    if statement.effect != Effect::Allow
        || condition.is_negated()
        || has("dynamodb:select").is_some()
    {
        return;
    }
    let Some(action) = ACTIONS.iter().find(|it| cx.may_match(statement, it)) else {
        return;
    };
    // Other actions of the statement lack the key.
    let is_own = |text: &str| ACTIONS.iter().any(|it| it.eq_ignore_ascii_case(text));
    let mut patterns = statement.action.patterns.iter();
    let operator = if patterns.all(|it| is_own(&it.text)) {
        "StringEquals"
    } else {
        "StringEqualsIfExists"
    };
    let json = r#""SPECIFIC_ATTRIBUTES""#;
    let edits = cx.add_condition(statement, operator, "dynamodb:Select", json);
    cx.report(
        condition.key_text.span,
        format!("`{action}` without a list of attributes returns all of them"),
    )
    .why("DynamoDB compares `dynamodb:Attributes` with the attributes that a request names, and a request that names none reads the whole item")
    .help("demand `dynamodb:Select` to be `SPECIFIC_ATTRIBUTES`")
    .fix("limit `dynamodb:Select`", edits.into_iter().flatten());
}
