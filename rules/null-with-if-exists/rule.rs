//! Flags `NullIfExists`: `Null` is the one operator that takes no `IfExists`.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for problem in subject.problems() {
        if problem.name != "null-with-if-exists" {
            continue;
        }
        let found = subject.condition_at(problem.span);
        let edits = found.and_then(|(statement, condition)| {
            subject.rename_operator(statement, condition, "Null")
        });
        cx.report_problem(problem)
            .fix("write `Null`", edits.into_iter().flatten());
    }
}
