//! Flags `dynamodb:Scan` under a limit on partition keys.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let limit = statement
        .conditions
        .iter()
        .find(|it| &*it.key == "dynamodb:leadingkeys" && it.holds_when_absent());
    let Some(condition) = limit.filter(|_| statement.effect == Effect::Allow) else {
        return;
    };
    let Some(pattern) = cx.action_pattern(statement, "dynamodb:Scan") else {
        return;
    };
    let (span, is_own) = (pattern.span, pattern.folded() == "dynamodb:scan");
    let edit = if is_own {
        cx.editor().and_then(|it| it.remove(span))
    } else {
        None
    };
    let key = &condition.key_text.text;
    cx.report(span, format!("`dynamodb:Scan` is not held by `{key}`"))
        .related(
            condition.operator_text.span,
            "true where the key is missing",
        )
        .why("a scan names no partition keys, so the condition is true and every item is read")
        .help("leave `dynamodb:Scan` out; `dynamodb:Query` reads the items of one partition key")
        .fix("remove `dynamodb:Scan`", edit);
    // One condition is enough to say it.
}
