//! Flags `dynamodb:Select` with actions that only write, `dynamodb:ReturnValues` with those that
//! only read.

use crate::policy::Statement;
use crate::rule::RuleContext;

/// Actions with a choice of attributes.
const READS: [&str; 5] = [
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:PartiQLSelect",
];
/// Actions that can return what they wrote.
const WRITES: [&str; 5] = [
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let (own, others, what) = match &*condition.key {
            "dynamodb:select" => (READS, WRITES, "reads"),
            "dynamodb:returnvalues" => (WRITES, READS, "writes"),
            _ => continue,
        };
        if own.iter().any(|it| cx.may_match(statement, it)) {
            continue;
        }
        let Some(action) = others.iter().find(|it| cx.may_match(statement, it)) else {
            continue;
        };
        let key = &condition.key_text.text;
        cx.report(
            condition.key_text.span,
            format!("`{key}` is a key of {what}, and `{action}` is none"),
        )
        .related(statement.action.span, "no such action here")
        .why("no request of these actions has a choice there, so the condition protects nothing")
        .help(format!("put it into a statement with {what}, or remove it"));
    }
}
