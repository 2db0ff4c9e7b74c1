//! Flags principals of another account than the resource's or role's own.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if !cx.lists.trusted_accounts.is_empty() {
        return;
    }
    let Some(owner) = cx.owner() else {
        return;
    };
    for entry in statement.admitted() {
        let Some(account) = entry.account().filter(|it| *it != owner) else {
            continue;
        };
        let message = format!("account `{account}` is let in, which is not `{owner}`");
        cx.report(entry.span, message)
            .why("who uses the access is for the other account to say")
            .help("check that you know the account, and list it under `trusted-accounts`");
    }
}
