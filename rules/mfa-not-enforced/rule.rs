//! Flags Allow statements whose condition on MFA lets requests without MFA pass.

use crate::policy::{Effect, Operand, Statement, Test};
use crate::rule::RuleContext;

const KEY: &str = "aws:multifactorauthpresent";

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow {
        return;
    }
    let demands = statement.conditions.iter().any(|it| {
        let is_bool = it.test() == Some(Test::Bool) && !it.is_if_exists();
        let wants = |value: &crate::policy::ConditionValue| value.operand == Operand::Truth(true);
        &*it.key == KEY && is_bool && it.values.iter().all(wants)
    });
    for condition in &statement.conditions {
        if &*condition.key != KEY || demands {
            continue;
        }
        let mut values = condition.values.iter();
        let wants_one = values.all(|it| it.operand == Operand::Truth(true));
        let is_if_exists =
            condition.test() == Some(Test::Bool) && condition.is_if_exists() && wants_one;
        let why = if is_if_exists {
            "requests with access keys of a user carry no such key, and `BoolIfExists` is true without it"
        } else if condition.is_null(false) {
            "the key is there with the value `false` where the session was made without MFA"
        } else {
            continue;
        };
        let edits = cx.move_condition(statement, condition, "Bool", Some("\"true\""));
        cx.report(
            condition.operator_text.span,
            "requests without MFA pass this condition",
        )
        .why(why)
        .help("write `Bool` with `true`")
        .fix("write `Bool` with `true`", edits.into_iter().flatten());
    }
}
