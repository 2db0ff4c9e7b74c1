//! Flags `Principal` elements that are neither `"*"` nor an object; wraps names of one type.

use crate::policy::PrincipalElement;
use crate::rule::{RuleContext, principal_type};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for problem in subject
        .problems()
        .iter()
        .filter(|it| it.name == "bare-principal")
    {
        let statement = subject.statement_at(problem.span).map(|(_, it)| it);
        let element = statement.and_then(|it| it.principal.as_ref());
        let kind = element.and_then(only_type);
        let own = subject.text.get(problem.span.range());
        let edits = subject
            .editor()
            .zip(kind)
            .zip(own)
            .map(|((editor, kind), own)| {
                editor.replace(problem.span, format!("{{ \"{kind}\": {own} }}"))
            });
        let help = match kind {
            Some(kind) => format!("write `{{ \"{kind}\": … }}`"),
            None => {
                "write `\"*\"`, or an object such as `{ \"AWS\": \"111122223333\" }`".to_owned()
            }
        };
        cx.report_problem(problem)
            .help(help.clone())
            .fix(help, edits);
    }
}

/// Returns the one type that all names are of.
fn only_type(element: &PrincipalElement) -> Option<&'static str> {
    let mut types = element.entries.iter().map(|it| principal_type(&it.text));
    let first = types.next()??;
    types.all(|it| it == Some(first)).then_some(first)
}
