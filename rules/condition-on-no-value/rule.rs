//! Flags negated patterns that no value of a key passes.

use crate::policy::{Statement, Test};
use crate::rule::{Holds, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if condition.test() == Some(Test::Null) || cx.holds(condition) != Holds::WhenAbsent {
            continue;
        }
        let edits = if condition.test() == Some(Test::Arn) {
            None
        } else {
            cx.move_condition(statement, condition, "Null", Some("\"true\""))
        };
        let key = &condition.key_text.text;
        cx.report(
            condition.values_span,
            format!("no value of `{key}` passes, only its absence"),
        )
        .why("the condition only asks whether the key is missing, which `Null` says plainly")
        .help("write `Null` with `true`")
        .fix(
            "ask for the absence of the key",
            edits.into_iter().flatten(),
        );
    }
}
