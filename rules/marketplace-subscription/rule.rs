//! Flags `aws-marketplace:Subscribe` allowed without a limit.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.action.negated || !cx.names_service("aws-marketplace") {
        return;
    }
    let Some(pattern) = cx.action_pattern(statement, "aws-marketplace:Subscribe") else {
        return;
    };
    let span = pattern.span;
    if &*pattern.text == "*" || cx.open_star(statement).is_none() {
        return;
    }
    cx.report(span, "any product of AWS Marketplace can be subscribed to")
        .why("subscriptions cost money, and bring other people's software into the account")
        .help("add a condition on `aws-marketplace:ProductId`, or leave it to those who buy");
}
