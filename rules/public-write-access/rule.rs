//! Flags statements that let anybody change something, proven by the exact analysis.

use crate::analyze::Reach;
use crate::catalog::AccessLevel;
use crate::policy::Statement;
use crate::rule::{ActionRef, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let index = cx.index();
    let open = cx.open_statement(index);
    if !open.is_some_and(|it| it.reach == Reach::Yes && !it.through_service) {
        return;
    }
    let (span, what) = match cx.actions(index) {
        None => (statement.action.span, "everything".to_owned()),
        Some(actions) => {
            let Some(writing) = actions.iter().find(|it| writes(it)) else {
                return;
            };
            let name = writing.name();
            let pattern = cx.action_pattern(statement, &name);
            let span = pattern.map_or(statement.action.span, |it| it.span);
            (span, format!("`{name}`"))
        }
    };
    cx.report(span, format!("anybody may call {what}"))
        .related(statement.principal_span(), "everybody is let in")
        .why("it changes something, and neither a condition nor a Deny keeps strangers out")
        .help("name the accounts or roles, or leave only actions that read");
}

fn writes(action: &ActionRef) -> bool {
    // To call an API is no change of it, though the reference has it among the writing actions.
    if action.is("execute-api:Invoke") {
        return false;
    }
    let levels = action.action.access_levels;
    levels.contains(AccessLevel::Write)
        || levels.contains(AccessLevel::PermissionsManagement)
        || levels.contains(AccessLevel::Tagging)
}
