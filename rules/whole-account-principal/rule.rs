//! Lists principals that are whole accounts.

use crate::policy::{PrincipalName, Statement};
use crate::rule::RuleContext;

/// Keys that say who in the account.
const WHO: [&str; 4] = [
    "aws:principalarn",
    "aws:userid",
    "aws:username",
    "sts:externalid",
];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let says_who = statement
        .conditions
        .iter()
        .any(|it| WHO.contains(&&*it.key) || it.key.starts_with("aws:principaltag/"));
    // A key is administered through its account ("Default key policy").
    let is_key = cx.action_pattern(statement, "kms:PutKeyPolicy").is_some();
    if says_who || is_key {
        return;
    }
    for entry in statement.admitted() {
        if let PrincipalName::Account { account } = &entry.name {
            cx.report(entry.span, format!("all of account `{account}` is trusted"))
                .label("who of its users and roles gets in is for the account to say")
                .why("any administrator of the account can let in anybody there")
                .help("name the roles, or add a condition on `aws:PrincipalArn`");
        }
    }
}
