//! Flags OpenID Connect providers that are trusted for every audience.

use crate::policy::Statement;
use crate::rule::{BUILT_IN, GITHUB, RuleContext, host_of, is_eks};

/// What AWS's own examples take for the audience ("Create a role for OpenID Connect federation";
/// Amazon EKS User Guide, "Assign IAM roles to Kubernetes service accounts").
const AUDIENCE: &str = "sts.amazonaws.com";

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for (entry, url) in statement.oidc_providers() {
        let is_built_in = BUILT_IN.iter().any(|it| it.eq_ignore_ascii_case(url));
        let names_any = statement.claims_of(url).any(|(_, it)| it.limits_claim());
        if is_built_in || !names_any || statement.claims_of(url).any(|(it, _)| it == "aud") {
            continue;
        }
        let is_known = host_of(url).eq_ignore_ascii_case(GITHUB) || is_eks(url);
        let key = format!("{url}:aud");
        let edits = match is_known {
            true => cx.demand(statement, "StringEquals", &key, &[AUDIENCE]),
            false => Vec::new(),
        };
        cx.report(entry.span, "the audience of the token is not checked")
            .why("a token that was issued for another use can be presented to AWS")
            .help(match is_known {
                true => format!("add `{key}` with `{AUDIENCE}`"),
                false => format!("add `{key}` with the audience that you ask tokens for"),
            })
            .fix(format!("demand the audience `{AUDIENCE}`"), edits);
    }
}
