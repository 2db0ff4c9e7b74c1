//! Flags patterns that match every value of a key.

use crate::policy::{Statement, Test};
use crate::rule::{Holds, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if condition.test() == Some(Test::Null) || cx.holds(condition) != Holds::WhenPresent {
            continue;
        }
        // A text that is no ARN is there and matches no Arn operator.
        let edits = if condition.test() == Some(Test::Arn) {
            None
        } else {
            cx.move_condition(statement, condition, "Null", Some("\"false\""))
        };
        let key = &condition.key_text.text;
        cx.report(
            condition.values_span,
            format!("every value of `{key}` matches"),
        )
        .why("the condition only asks whether the key is there, which `Null` says plainly")
        .help("write `Null` with `false`")
        .fix(
            "ask for the presence of the key",
            edits.into_iter().flatten(),
        );
    }
}
