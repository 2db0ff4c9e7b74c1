//! Flags conditions that hold for every request.

use crate::policy::{Statement, Test};
use crate::rule::{Holds, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if condition.test() == Some(Test::Null) && condition.quantifier().is_some() {
            continue;
        }
        if cx.holds(condition) != Holds::Always {
            continue;
        }
        let edits = if condition.test() == Some(Test::Arn) {
            None
        } else {
            cx.remove_condition(statement, condition)
        };
        let key = &condition.key_text.text;
        let why = if cx.is_always_sent(condition) {
            "every request has the key, and every value matches"
        } else {
            "every value matches, and so does a request without the key"
        };
        cx.report(
            condition.key_text.span,
            format!("the condition on `{key}` is always true"),
        )
        .why(why)
        .help("remove it, or list the values that are meant")
        .fix("remove the condition", edits.into_iter().flatten());
    }
}
