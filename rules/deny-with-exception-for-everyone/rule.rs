//! Flags Deny statements whose exception matches everybody.

use crate::policy::operand::Network;
use crate::policy::{Condition, ConditionValue, Effect, Operand, PrincipalName, Statement, Test};
use crate::rule::RuleContext;

const WHY: &str = "the Deny applies to no request that carries the key, so it protects nothing";

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Deny {
        return;
    }
    if let Some(element) = statement.principal.as_ref().filter(|it| it.negated) {
        for entry in &element.entries {
            if entry.name == PrincipalName::Everyone {
                cx.report(entry.span, "the Deny spares everybody")
                    .why("it applies to nobody, so it protects nothing")
                    .help("name only those whom it should spare");
            }
        }
    }
    for condition in statement.conditions.iter().filter(|it| it.excepts()) {
        for value in condition
            .values
            .iter()
            .filter(|it| is_everything(condition, it))
        {
            let key = &condition.key_text.text;
            cx.report(
                value.span,
                format!("every `{key}` is excepted from the Deny"),
            )
            .related(condition.operator_text.span, "holds for other values only")
            .why(WHY)
            .help("name only what should be excepted");
        }
    }
}

fn is_everything(condition: &Condition, value: &ConditionValue) -> bool {
    let text = value.template.text();
    match condition.operator.map(|it| it.test) {
        Some(Test::StringLike | Test::Arn) => !text.is_empty() && text.bytes().all(|it| it == b'*'),
        Some(Test::IpAddress) => matches!(
            value.operand,
            Operand::Network(Some(Network::V4(_, 0) | Network::V6(_, 0)))
        ),
        _ => false,
    }
}
