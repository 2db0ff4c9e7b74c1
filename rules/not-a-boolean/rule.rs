//! Flags values under `Bool` and `Null` that are neither `true` nor `false`.

use crate::policy::{Statement, Test};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if !matches!(condition.test(), Some(Test::Bool | Test::Null)) {
            continue;
        }
        for value in &condition.values {
            let text = value.template.text();
            let is_word = |word: &str| text.eq_ignore_ascii_case(word);
            if is_word("true") || is_word("false") || text.contains("${") {
                continue;
            }
            let meant = is_word("yes") || is_word("on") || text == "1";
            let new = if meant { "true" } else { "false" };
            let edit = cx.editor().map(|it| it.replace_text(value.span, new));
            let operator = &condition.operator_text.text;
            cx.report(value.span, format!("`{text}` is not `true` or `false`"))
                .why(format!(
                    "under `{operator}` every text but `true` counts as `false`"
                ))
                .help(format!("write `{new}`"))
                .fix(format!("write `{new}`"), edit);
        }
    }
}
