//! Flags `IfExists` on keys that AWS sends with every request.

use crate::catalog::Presence;
use crate::policy::{Statement, Test};
use crate::rule::{OperatorName, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        // AWS's own examples write `BoolIfExists` out of caution.
        if !condition.is_if_exists() || condition.test() == Some(Test::Bool) {
            continue;
        }
        let presence = cx.memo.key(condition).and_then(|it| it.presence);
        if presence != Some(Presence::Always) || condition.quantifier().is_some() {
            continue;
        }
        let new = OperatorName::of(&condition.operator_text.text).without_suffix();
        let edits = cx.move_condition(statement, condition, &new, None);
        let key = &condition.key_text.text;
        cx.report(
            condition.operator_text.span,
            format!("every request has `{key}`, so `IfExists` does nothing"),
        )
        .why("whoever reads it takes the condition for weaker than it is")
        .help(format!("write `{new}`"))
        .fix(format!("write `{new}`"), edits.into_iter().flatten());
    }
}
