//! Flags `Bool` and `Null` with several values.

use crate::policy::{Operand, Statement, Test};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let is_boolean = matches!(condition.test(), Some(Test::Bool | Test::Null));
        let [first, more @ ..] = condition.values.as_slice() else {
            continue;
        };
        if !is_boolean || more.is_empty() {
            continue;
        }
        let is_same = more.iter().all(|it| it.operand == first.operand);
        let spans: Vec<_> = more.iter().map(|it| it.span).collect();
        let edits = if is_same {
            cx.remove_values(condition, &spans)
        } else {
            None
        };
        let (why, help) = if is_same {
            (
                "one value is enough, and AWS expects one",
                "keep one of them",
            )
        } else if matches!(first.operand, Operand::Truth(_)) && condition.test() == Some(Test::Null)
        {
            (
                "`true` or `false` is always the case, so the condition is always true",
                "keep the one that is meant",
            )
        } else {
            (
                "`true` or `false` is the case for every request with the key, whatever its value",
                "keep the one that is meant",
            )
        };
        let key = &condition.key_text.text;
        cx.report(
            condition.values_span,
            format!("`{key}` is compared with several booleans"),
        )
        .why(why)
        .help(help)
        .fix("keep one value", edits.into_iter().flatten());
    }
}
