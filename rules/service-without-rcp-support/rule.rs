//! Flags actions of services that resource control policies do not cover; removes them.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let problems = subject.problems().iter();
    for problem in problems.filter(|it| it.name == "service-without-rcp-support") {
        let edits = subject.remove(problem.span);
        cx.report_problem(problem).fix("remove it", edits);
    }
}
