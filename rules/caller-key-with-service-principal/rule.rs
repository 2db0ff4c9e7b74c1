//! Flags keys that calls of service principals never carry, in statements that name nobody else.

use crate::catalog::Presence;
use crate::policy::{Effect, PrincipalName, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(element) = &statement.principal else {
        return;
    };
    let mut entries = element.entries.iter();
    let services = !element.negated
        && !element.entries.is_empty()
        && entries.all(|it| it.name == PrincipalName::Service);
    if !services {
        return;
    }
    for condition in &statement.conditions {
        let presence = cx.memo.key(condition).and_then(|it| it.presence);
        let is_of_callers = matches!(
            presence,
            Some(
                Presence::PrincipalInOrganization
                    | Presence::PrincipalTagged
                    | Presence::IamUser
                    | Presence::MultiFactor
            )
        );
        if !is_of_callers || condition.operator.is_none() {
            continue;
        }
        let key = &condition.key_text.text;
        let what = match (statement.effect, condition.holds_when_absent()) {
            (Effect::Allow, false) => "so the statement allows nothing",
            (Effect::Deny, false) => "so the statement denies nothing",
            (Effect::Allow, true) => "so the condition limits nothing",
            (Effect::Deny, true) => "so the statement denies every call of the service",
        };
        cx.report(
            condition.key_text.span,
            format!("no call of a service principal has `{key}`"),
        )
        .related(element.span, "service principals only")
        .why(format!("a service that calls by itself has no organization, tags or MFA of its own, {what}"))
        .help("use `aws:SourceAccount`, `aws:SourceArn` or `aws:SourceOrgID`, which name the resource behind the call");
    }
}
