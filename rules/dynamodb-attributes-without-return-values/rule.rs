//! Flags a limit on attributes that the answer of a write gets round.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

/// Actions that write items and can return them.
const ACTIONS: [&str; 5] = [
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let has = |key: &str| statement.conditions.iter().find(|it| &*it.key == key);
    let Some(condition) = has("dynamodb:attributes") else {
        return;
    };
    if statement.effect != Effect::Allow
        || condition.is_negated()
        || has("dynamodb:returnvalues").is_some()
    {
        return;
    }
    let Some(action) = ACTIONS.iter().find(|it| cx.may_match(statement, it)) else {
        return;
    };
    let json = r#"["NONE", "UPDATED_OLD", "UPDATED_NEW"]"#;
    let edits = cx.add_condition(
        statement,
        "StringEqualsIfExists",
        "dynamodb:ReturnValues",
        json,
    );
    cx.report(
        condition.key_text.span,
        format!("`{action}` can return every attribute of the item"),
    )
    .why("with `ReturnValues` `ALL_OLD` or `ALL_NEW` the answer holds the whole item, also attributes outside the limit")
    .help("limit `dynamodb:ReturnValues` to `NONE`, `UPDATED_OLD` and `UPDATED_NEW`")
    .fix("limit `dynamodb:ReturnValues`", edits.into_iter().flatten());
}
