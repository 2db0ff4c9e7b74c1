//! Flags Allow statements with `aws:SecureTransport` false.

use crate::policy::{Effect, Operand, Statement, Test};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow {
        return;
    }
    for condition in &statement.conditions {
        let is_bool = condition.operator.is_some_and(|it| it.test == Test::Bool);
        if &*condition.key != "aws:securetransport" || !is_bool {
            continue;
        }
        let is_false = |operand: &Operand| *operand == Operand::Truth(false);
        let Some(value) = condition.values.iter().find(|it| is_false(&it.operand)) else {
            continue;
        };
        cx.report(value.span, "requests without encryption are allowed")
            .why("what is sent can be read and changed on the way")
            .help("write `true`, or move the condition into a Deny statement");
    }
}
