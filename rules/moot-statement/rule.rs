//! Reports statements that no request matches, as the exact analysis shows.

use crate::analyze::Idle;
use crate::policy::Effect;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for idle in subject.idle_statements() {
        let statement = subject.document.statements.get(idle.statement);
        let (Idle::Moot, Some(statement)) = (idle.why, statement) else {
            continue;
        };
        let edit = subject.editor().and_then(|it| it.remove(statement.span));
        let name = statement.name(idle.statement);
        let (does, doing) = match statement.effect {
            Effect::Allow => ("allows", "allow"),
            Effect::Deny => ("denies", "deny"),
        };
        cx.report(
            statement.span,
            format!("no request matches {name}, so it {does} nothing"),
        )
        .why(format!(
            "its conditions, actions and resources leave no request that it could {doing}"
        ))
        .help("put the conditions right, or remove the statement")
        .fix("remove the statement", edit);
    }
}
