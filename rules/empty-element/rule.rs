//! Empty lists that match nothing; the fix removes the statement, which changes nothing.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    cx.report_problems_with("empty-element", |editor, problem| {
        let (_, statement) = subject.statement_at(problem.span)?;
        // Where other kinds of principals are named, the statement still does something.
        let principal = statement.principal.as_ref();
        let is_group = principal.is_some_and(|it| {
            it.span.start < problem.span.start
                && problem.span.end <= it.span.end
                && !it.entries.is_empty()
        });
        if is_group {
            let group = editor.member_around(problem.span)?;
            let title = format!("remove `{}`", group.key);
            return Some((title, vec![editor.remove(group.key_span)?]));
        }
        let edit = editor.remove(statement.span)?;
        Some((
            "remove the statement, which does nothing".into(),
            vec![edit],
        ))
    });
}
