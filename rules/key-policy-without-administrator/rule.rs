//! Flags key policies that let nobody change them.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let document = cx.document;
    let is_of_keys = |statement: &Statement| {
        let mut patterns = statement.action.patterns.iter();
        let resource = statement.resource.as_ref();
        !statement.action.patterns.is_empty()
            && patterns.all(|it| it.folded().starts_with("kms:"))
            && resource.is_none_or(|it| it.patterns.iter().all(|it| it.is_everything()))
    };
    let mut statements = document.statements.iter();
    let Some(first) = document
        .statements
        .first()
        .filter(|_| statements.all(is_of_keys))
    else {
        return;
    };
    let allows =
        |it: &Statement| it.effect == Effect::Allow && cx.may_match(it, "kms:PutKeyPolicy");
    if document.statements.iter().any(allows) {
        return;
    }
    cx.report(
        first.action.span,
        "the key policy lets nobody call `kms:PutKeyPolicy`",
    )
    .why("the key cannot be managed any more: no other policy gives access to it")
    .help("allow `kms:*` to the account's root, as the default key policy does");
}
