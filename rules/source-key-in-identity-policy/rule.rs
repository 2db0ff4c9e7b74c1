//! Flags keys that only calls of service principals carry, in policies that never apply to them.

use crate::catalog::Presence;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let kind = cx.document.kind.title_with_article();
    for condition in &statement.conditions {
        let presence = cx.memo.key(condition).and_then(|it| it.presence);
        let is_of_services = matches!(
            presence,
            Some(Presence::OnBehalfOfResource | Presence::ServicePrincipal)
        );
        if !is_of_services || condition.operator.is_none() {
            continue;
        }
        let key = &condition.key_text.text;
        let what = if condition.holds_when_absent() {
            "so the condition is always true"
        } else {
            "so the condition is never true"
        };
        cx.report(
            condition.key_text.span,
            format!("no request under {kind} has `{key}`"),
        )
        .why(format!("only services that call with their own principal send it, and {kind} does not apply to those: {what}"))
        .help("use `aws:PrincipalArn` for the caller, `aws:CalledVia` or `aws:ViaAWSService` for calls through a service");
    }
}
