//! Flags trust in Amazon Cognito without an identity pool.

use crate::policy::Statement;
use crate::rule::RuleContext;

const URL: &str = "cognito-identity.amazonaws.com";

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for (entry, url) in statement.oidc_providers() {
        let names_pool = || {
            let mut pools = statement
                .claims_of(url)
                .filter(|(claim, _)| *claim == "aud");
            // Ids of pools have nothing in common but the Region.
            pools.any(|(_, it)| it.limits_claim() && it.patterns().next().is_none())
        };
        let names_user = || statement.limits_claim(url, &["sub"]);
        if !url.eq_ignore_ascii_case(URL) || names_pool() || names_user() {
            continue;
        }
        cx.report(
            entry.span,
            "users of every identity pool can assume the role",
        )
        .why("anybody can make an identity pool and get tokens from it")
        .help(format!("add `{URL}:aud` with the id of your identity pool"));
    }
}
