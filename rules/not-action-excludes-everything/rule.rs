//! Flags `NotAction` with `*`: the statement matches nothing.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if !statement.action.negated {
        return;
    }
    let Some(star) = statement.action.patterns.iter().find(|it| &*it.text == "*") else {
        return;
    };
    let edit = cx.editor().and_then(|it| it.remove(statement.span));
    let why = match statement.effect {
        Effect::Allow => "no action is left, so the statement allows nothing",
        Effect::Deny => "no action is left, so the statement denies nothing",
    };
    cx.report(star.span, "`NotAction` leaves every action out")
        .why(why)
        .help("name what is to be left out, or remove the statement")
        .fix("remove the statement", edit);
}
