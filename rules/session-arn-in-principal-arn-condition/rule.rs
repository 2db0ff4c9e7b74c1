//! Flags the ARN of a role session where the ARN of the role is wanted.

use crate::policy::grammar::role_of_session;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for problem in subject.problems() {
        if problem.name != "session-arn-in-principal-arn-condition" {
            continue;
        }
        let found = subject.condition_at(problem.span);
        let value = found.and_then(|(_, condition)| {
            let mut values = condition.values.iter();
            values.find(|it| it.span == problem.span)
        });
        let role = value.and_then(|it| role_of_session(it.template.text()));
        let edit = role.and_then(|role| Some(subject.editor()?.replace_text(problem.span, &role)));
        cx.report_problem(problem).fix("write the role's ARN", edit);
    }
}
