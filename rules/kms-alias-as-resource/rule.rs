//! Flags actions on KMS keys in statements that name an alias.

use crate::policy::{Effect, Statement};
use crate::rule::{RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if !cx.names_service("kms") || statement.action.negated {
        return;
    }
    let subject = cx.subject();
    let found = subject.actions_on_aliases(statement);
    let Some((_, alias)) = found.first() else {
        return;
    };
    let patterns = &statement.action.patterns;
    let names: Vec<&str> = found.iter().map(|(at, _)| &*patterns[*at].text).collect();
    let verb = match statement.effect {
        Effect::Allow => "allows",
        Effect::Deny => "denies",
    };
    let works = if names.len() == 1 { "works" } else { "work" };
    let message = format!(
        "{} {works} on keys, and this names an alias",
        name_some(&names)
    );
    cx.report(alias.span, message)
        .why(format!(
            "KMS checks the ARN of the key, so the alias {verb} nothing on it"
        ))
        .help(
            "name the key, or every key of the account under a condition on \
             `kms:ResourceAliases` or `kms:RequestAlias`",
        );
}
