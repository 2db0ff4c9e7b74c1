//! Flags statements that let somebody in from outside the team's trust zone.

use crate::analyze::Reach;
use crate::policy::{PrincipalEntry, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let index = cx.index();
    let subject = cx.subject();
    let is_this = |it: &&crate::analyze::OpenStatement| it.statement == index;
    let Some(found) = subject.untrusted_statements().iter().find(is_this) else {
        return;
    };
    // Those who are let in as the public have rules of their own.
    let is_public = |it: &crate::analyze::OpenStatement| it.reach == Reach::Yes;
    if found.through_service || cx.open_statement(index).is_some_and(is_public) {
        return;
    }
    let trusted = &subject.lists.trusted_accounts;
    let owner = subject.owner();
    let is_untrusted = |it: &&PrincipalEntry| {
        it.account()
            .is_some_and(|it| owner != Some(it) && !trusted.iter().any(|own| own == it))
    };
    let named: Vec<&PrincipalEntry> = statement.admitted().filter(is_untrusted).collect();
    for entry in &named {
        let account = entry.account().unwrap_or_default();
        let message = format!("account `{account}` is not among the trusted ones");
        cx.report(entry.span, message)
            .why("whoever is let in keeps the access until somebody takes it away")
            .help("remove it, or add the account to `trusted-accounts`");
    }
    if named.is_empty() && statement.everyone().is_some() {
        cx.report(
            statement.principal_span(),
            "callers from outside the trusted ones are let in",
        )
        .why("the conditions fix who calls, and let in others than the settings trust")
        .help("limit them to your organization, or add theirs to `trusted-organizations`");
    }
}
