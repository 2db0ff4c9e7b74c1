//! Suggests a condition in place of `NotPrincipal` with `Deny`.

use crate::arn::Arn;
use crate::policy::{Effect, PrincipalElement, PrincipalName, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let element = statement.principal.as_ref().filter(|it| it.negated);
    let Some(element) = element.filter(|_| statement.effect == Effect::Deny) else {
        return;
    };
    let rewrite = || {
        let arns = arns(element)?;
        let editor = cx.editor()?;
        let key = "aws:PrincipalArn";
        let mut edits = cx.demand(statement, "ArnNotEquals", key, &arns);
        if edits.is_empty() {
            return None;
        }
        edits.push(editor.replace_text(element.key_span, "Principal"));
        edits.push(editor.replace_text(element.span, "*"));
        Some(edits)
    };
    let edits = rewrite().unwrap_or_default();
    cx.report(element.key_span, "`NotPrincipal` says whom a Deny spares")
        .why("it hits whoever has a permissions boundary, and every form of a name must be listed")
        .help("deny `\"Principal\": \"*\"` with `ArnNotEquals` on `aws:PrincipalArn`")
        .fix("spare them by a condition on `aws:PrincipalArn`", edits);
}

/// Returns the users and roles; none if a name has no ARN that the key could hold. An account is
/// listed beside its users and roles only because `NotPrincipal` wants it.
fn arns(element: &PrincipalElement) -> Option<Vec<&str>> {
    let mut arns = Vec::new();
    let mut accounts = Vec::new();
    for entry in &element.entries {
        match &entry.name {
            PrincipalName::User { .. } | PrincipalName::Role { .. } => arns.push(&*entry.text),
            PrincipalName::Account { account } => accounts.push(&**account),
            _ => return None,
        }
    }
    let is_named = |account: &&str| {
        let mut owners = arns.iter().filter_map(|it| Arn::parse(it));
        owners.any(|it| it.account == *account)
    };
    (!arns.is_empty() && accounts.iter().all(is_named)).then_some(arns)
}
