//! Flags trust in GitHub Actions without a repository.

use crate::policy::{Statement, Test};
use crate::rule::{GITHUB, RuleContext, host_of, shared_issuer};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for (entry, url) in statement.oidc_providers() {
        let issuer = shared_issuer(url).filter(|it| it.host == GITHUB);
        let Some(issuer) = issuer else {
            continue;
        };
        // Of a `sub` that is a mere `*` another rule speaks.
        let names_subject = statement.claims_of(url).any(|(claim, it)| {
            let is_null = it.operator.is_none_or(|it| it.test == Test::Null);
            claim == "sub" && !is_null && !it.excepts()
        });
        if names_subject || statement.limits_claim(url, issuer.claims) {
            continue;
        }
        let host = host_of(url);
        cx.report(
            entry.span,
            "workflows of anybody on GitHub can assume the role",
        )
        .why("anybody can get a token with this audience for a repository of their own")
        .help(format!(
            "add `{host}:sub` with a value such as `{}`",
            issuer.example
        ));
    }
}
