//! Flags other accounts that may assume a role without an external ID.

use crate::policy::{PrincipalEntry, Statement};
use crate::rule::RuleContext;

/// Keys that tie the caller to something that no customer of a vendor shares.
const TIES: [&str; 3] = [
    "sts:externalid",
    "aws:principalorgid",
    "aws:principalorgpaths",
];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.admitted().next().is_none() || !cx.may_match(statement, "sts:AssumeRole") {
        return;
    }
    let is_tie = |it: &crate::policy::Condition| TIES.contains(&&*it.key) && it.names_values();
    if statement.conditions.iter().any(is_tie) {
        return;
    }
    let trusted = &cx.subject().lists.trusted_accounts;
    let owner = cx.owner();
    if trusted.is_empty() && owner.is_none() {
        return;
    }
    let is_other = |it: &&PrincipalEntry| {
        it.account()
            .is_some_and(|it| owner != Some(it) && !trusted.iter().any(|own| own == it))
    };
    for entry in statement.admitted().filter(is_other) {
        let account = entry.account().unwrap_or_default();
        let message = format!("account `{account}` may assume the role without an external ID");
        cx.report(entry.span, message)
            .label("neither the role's own account nor a trusted one")
            .why("if it is a vendor, its other customers could have it act in your account")
            .help("demand the `sts:ExternalId` that the vendor gave you, or trust the account");
    }
}
