//! Flags resource control policies that deny something to everybody, everywhere.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Deny || !statement.conditions.is_empty() {
        return;
    }
    let Some(element) = statement.resource.as_ref().filter(|it| !it.negated) else {
        return;
    };
    if let Some(pattern) = element.patterns.iter().find(|it| it.is_everything()) {
        cx.report(pattern.span, "denied to everybody, on every resource")
            .related(statement.action.span, "what nobody may do")
            .why("administrators, root users and AWS services are denied it too")
            .help("add a condition that says whom it is meant for, or name the resources");
    }
}
