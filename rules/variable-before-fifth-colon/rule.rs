//! Policy variables before the fifth colon of an ARN.

use crate::rule::{RuleContext, placeholder};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for problem in subject.problems() {
        if problem.name != "variable-before-fifth-colon" {
            continue;
        }
        // Holes of a template are another rule's.
        let mut texts = subject.texts().filter(|it| it.span == problem.span);
        if texts.all(|it| placeholder(it.text).is_none()) {
            cx.report_problem(problem);
        }
    }
}
