//! Flags Allow statements for requests without MFA.

use crate::policy::{Effect, Operand, Statement, Test};
use crate::rule::RuleContext;

/// What somebody without MFA has to do to get it, in lower case.
fn is_enrolment(action: &str) -> bool {
    let Some(name) = action.strip_prefix("iam:") else {
        return action == "sts:getsessiontoken";
    };
    name.contains("mfa")
        || name.starts_with("get")
        || name.starts_with("list")
        || name == "changepassword"
}

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let element = &statement.action;
    let mut patterns = element.patterns.iter();
    let enrols = !element.negated && patterns.all(|it| is_enrolment(it.folded()));
    if statement.effect != Effect::Allow || enrols {
        return;
    }
    for condition in &statement.conditions {
        let is_mfa = condition.key.starts_with("aws:multifactorauth");
        let mut values = condition.values.iter();
        let wants_none = condition.test() == Some(Test::Bool)
            && values.any(|it| it.operand == Operand::Truth(false));
        if !is_mfa || !wants_none && !condition.is_null(true) {
            continue;
        }
        let key = &condition.key_text.text;
        cx.report(
            condition.operator_text.span,
            "this allows requests because they come without MFA",
        )
        .related(condition.key_text.span, "tells of MFA")
        .why(format!(
            "whoever holds stolen access keys has no `{key}` and is allowed"
        ))
        .help("demand MFA with `Bool` and `true`, or drop the condition if MFA does not matter");
    }
}
