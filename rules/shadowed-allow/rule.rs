//! Reports Allow statements that Deny statements take away whole, as the exact analysis shows.

use crate::analyze::Idle;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for idle in subject.idle_statements() {
        let statement = subject.document.statements.get(idle.statement);
        let (Idle::Shadowed, Some(statement)) = (idle.why, statement) else {
            continue;
        };
        let edit = subject.editor().and_then(|it| it.remove(statement.span));
        let name = statement.name(idle.statement);
        cx.report(
            statement.span,
            format!("all that {name} allows is denied in this document"),
        )
        .why("a Deny goes before every Allow, so the statement has no effect")
        .help("remove it, or make the Deny spare what it allows")
        .fix("remove the statement", edit);
    }
}
