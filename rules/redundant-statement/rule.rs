//! Reports statements that others make redundant, as the exact analysis shows.

use crate::analyze::Idle;
use crate::policy::Effect;
use crate::rule::{Differ, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let statements = &subject.document.statements;
    for idle in subject.idle_statements() {
        let Idle::Redundant { by } = idle.why else {
            continue;
        };
        let Some(statement) = statements.get(idle.statement) else {
            continue;
        };
        let by = by.map(|(_, at)| at);
        // What is said twice in the same words is another rule's.
        let is_twin = subject.twins().iter().any(|it| {
            it.differ == Differ::Nothing
                && (it.second == idle.statement || it.first == idle.statement)
        });
        if is_twin {
            continue;
        }
        let name = statement.name(idle.statement);
        let does = match statement.effect {
            Effect::Allow => "allows",
            Effect::Deny => "denies",
        };
        let by_whom = match by.and_then(|at| Some((at, statements.get(at)?))) {
            Some((at, other)) => format!("{} {does} all that {name} {does}", other.name(at)),
            None => format!("other statements together do all that {name} does"),
        };
        let edit = subject.editor().and_then(|it| it.remove(statement.span));
        let mut report = cx.report(statement.span, by_whom);
        if let Some(other) = by.and_then(|at| statements.get(at)) {
            report.related(other.span, "this one");
        }
        report
            .why(
                "it changes nothing, and whoever tightens it later will wonder why nothing happens",
            )
            .help("remove it, or the wider statement if that is more than is meant")
            .fix("remove the statement", edit);
    }
}
