//! Flags `*` and `service:*` in Allow statements of resource policies.

use crate::policy::{Effect, PrincipalName, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow || statement.action.negated {
        return;
    }
    let patterns = statement.action.patterns.iter();
    let whole = patterns.filter(|it| &*it.text == "*" || it.text.ends_with(":*"));
    let mut whole = whole.peekable();
    if whole.peek().is_none() {
        return;
    }
    let owner = cx.owner();
    // Only the account itself can administer a key ("Default key policy").
    let is_key = cx.action_pattern(statement, "kms:PutKeyPolicy").is_some();
    let is_own = |name: &PrincipalName| match name {
        PrincipalName::Account { account } => is_key || owner == Some(&**account),
        _ => false,
    };
    let mut names = statement.named().map(|it| &it.name);
    if statement.named().next().is_some() && names.all(is_own) {
        return;
    }
    for pattern in whole {
        cx.report(
            pattern.span,
            format!("`{}` allows every action", pattern.text),
        )
        .why("the right to change this policy and to delete the resource is among them")
        .help("list the actions that the principal needs");
    }
}
