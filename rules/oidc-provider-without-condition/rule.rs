//! Flags OpenID Connect providers that are trusted for every token.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for (entry, url) in statement.oidc_providers() {
        if statement.claims_of(url).any(|(_, it)| it.limits_claim()) {
            continue;
        }
        // A condition on another provider's claims keeps these tokens out, if by mistake.
        let is_about_another = |it: &crate::policy::Condition| {
            it.claim().is_some() && it.claim_of(url).is_none() && it.limits_claim()
        };
        if statement.conditions.iter().any(is_about_another) {
            continue;
        }
        cx.report(
            entry.span,
            format!("every token of `{url}` gets at the role"),
        )
        .why("no condition says for whom the token was issued")
        .help(format!("add conditions on `{url}:sub` and `{url}:aud`"));
    }
}
