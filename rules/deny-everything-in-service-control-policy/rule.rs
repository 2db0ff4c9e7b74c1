//! Flags service control policies that deny everything to everybody.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let everywhere = statement.resource.as_ref().is_some_and(|element| {
        !element.negated && element.patterns.iter().any(|it| it.is_everything())
    });
    if statement.effect != Effect::Deny
        || !everywhere
        || !statement.conditions.is_empty()
        || statement.action.negated
    {
        return;
    }
    let mut patterns = statement.action.patterns.iter();
    if let Some(pattern) = patterns.find(|it| &*it.text == "*") {
        cx.report(pattern.span, "everything is denied to everybody")
            .why("nobody in the accounts below can do anything, not even repair it")
            .help("except a break-glass role by a condition on `aws:PrincipalArn`");
    }
}
