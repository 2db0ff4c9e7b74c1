//! Flags `dynamodb:PutItem` and `dynamodb:BatchWriteItem` under a limit on attributes.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let limit = statement
        .conditions
        .iter()
        .find(|it| &*it.key == "dynamodb:attributes" && !it.is_negated());
    let Some(condition) = limit.filter(|_| statement.effect == Effect::Allow) else {
        return;
    };
    for action in ["dynamodb:PutItem", "dynamodb:BatchWriteItem"] {
        let Some(pattern) = cx.action_pattern(statement, action) else {
            continue;
        };
        let span = pattern.span;
        cx.report(span, format!("`{action}` replaces the whole item"))
            .related(condition.key_text.span, "limits attributes")
            .why("a caller can drop an attribute that it must not touch by leaving it out of the new item")
            .help("allow `dynamodb:UpdateItem` instead, which changes the attributes that it names");
    }
}
