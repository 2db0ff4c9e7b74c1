//! Flags shared identity providers that are trusted for every customer of theirs.

use crate::analyze::Reach;
use crate::policy::Statement;
use crate::rule::{GITHUB, Issuer, RuleContext, shared_issuer};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for (entry, url) in statement.oidc_providers() {
        let others = [GITHUB, "cognito-identity.amazonaws.com"];
        let issuer = shared_issuer(url).filter(|it| !others.contains(&it.host));
        let Some(issuer) = issuer else {
            continue;
        };
        // Claims but the subject are no matter of patterns.
        let claims: Vec<&str> = issuer
            .claims
            .iter()
            .copied()
            .filter(|it| *it != "sub")
            .collect();
        if statement.limits_claim(url, &claims) {
            continue;
        }
        let index = cx.index();
        if cx
            .open_statement(index)
            .is_none_or(|it| it.reach != Reach::Yes)
        {
            continue;
        }
        let subject = statement.claims_of(url).find(|(claim, _)| *claim == "sub");
        let span = subject
            .and_then(|(_, it)| it.values.first())
            .map_or(entry.span, |it| it.span);
        let message = format!(
            "everybody with an account at {} can assume the role",
            issuer.name
        );
        cx.report(span, message)
            .why("no condition says whose token it has to be")
            .help(help(issuer, url));
    }
}

fn help(issuer: &Issuer, url: &str) -> String {
    let claim = issuer.claims.first().copied().unwrap_or("sub");
    if issuer.example.is_empty() {
        format!("add `{url}:{claim}` with the id of your application")
    } else if issuer.example.contains(':') {
        format!(
            "add `{url}:{claim}` with a value such as `{}`",
            issuer.example
        )
    } else {
        format!(
            "add `{url}:aud` with your client id, or `{url}:{claim}` with {}",
            issuer.example
        )
    }
}
