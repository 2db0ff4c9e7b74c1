//! Flags operators that read values as something that their key never holds.

use crate::policy::Statement;
use crate::rule::{Misfit, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let Some(Misfit::Unreadable { holds, wanted }) = cx.memo.misfit(condition) else {
            continue;
        };
        let (operator, key) = (&condition.operator_text.text, &condition.key_text.text);
        let why = if condition.is_negated() {
            "what the key holds never matches, so the condition is always true"
        } else {
            "what the key holds never matches, so the condition never holds for a request with the key"
        };
        cx.report(
            condition.operator_text.span,
            format!("`{operator}` does not fit `{key}`, which holds {holds}"),
        )
        .related(condition.key_text.span, format!("holds {holds}"))
        .why(why)
        .help(format!("use an operator such as {wanted}"));
    }
}
