//! Flags named principals in resource control policies; writes `*`.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let problems = subject.problems().iter();
    for problem in problems.filter(|it| it.name == "named-principal-in-resource-control-policy") {
        let edit = subject
            .editor()
            .map(|it| it.replace_text(problem.span, "*"));
        cx.report_problem(problem).fix("write `\"*\"`", edit);
    }
}
