//! Flags `Principal` in policies that have none; removes it.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let problems = subject.problems().iter();
    for problem in problems.filter(|it| it.name == "unexpected-principal") {
        let edits = subject.remove(problem.span);
        cx.report_problem(problem).fix("remove it", edits);
    }
}
