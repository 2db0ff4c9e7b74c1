//! Flags `NotResource` with `*`: the statement matches nothing.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(resource) = statement.resource.as_ref().filter(|it| it.negated) else {
        return;
    };
    let Some(star) = resource.patterns.iter().find(|it| it.is_everything()) else {
        return;
    };
    let edit = cx.editor().and_then(|it| it.remove(statement.span));
    let why = match statement.effect {
        Effect::Allow => "no resource is left, so the statement allows nothing",
        Effect::Deny => "no resource is left, so the statement denies nothing",
    };
    cx.report(star.span, "`NotResource` leaves every resource out")
        .why(why)
        .help("name what is to be left out, or remove the statement")
        .fix("remove the statement", edit);
}
