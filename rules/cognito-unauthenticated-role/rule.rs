//! Flags roles for users of Amazon Cognito who did not sign in.

use crate::pattern;
use crate::policy::{Condition, Statement};
use crate::rule::RuleContext;

const GUEST: &str = "unauthenticated";

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for (entry, url) in statement.oidc_providers() {
        if !url.eq_ignore_ascii_case("cognito-identity.amazonaws.com") {
            continue;
        }
        let mut signs = statement
            .claims_of(url)
            .filter(|(claim, _)| *claim == "amr");
        let span = match signs.next() {
            None => Some(entry.span),
            Some((_, condition)) => guest(condition),
        };
        let Some(span) = span else {
            continue;
        };
        cx.report(span, "users who did not sign in can assume the role")
            .why("whoever knows the id of the identity pool has the role")
            .help(format!(
                "add `{url}:amr` with `authenticated`, or give guests a role of their own"
            ));
    }
}

/// Returns the value that lets guests in.
fn guest(condition: &Condition) -> Option<crate::source::Span> {
    let is_positive = condition.operator.is_some_and(|it| !it.negated);
    let mut values = condition.values.iter().filter(|_| is_positive);
    let found = values.find(|it| pattern::matches(it.template.text(), GUEST));
    found.map(|it| it.span)
}
