//! Policy variables in a version of the language without them; the fix writes the current one.

use crate::rule::{RuleContext, placeholder, set_version};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for problem in subject.problems() {
        if problem.name != "variable-in-old-version" {
            continue;
        }
        // Holes of a template are filled before AWS reads the policy.
        let mut texts = subject.texts().filter(|it| it.span == problem.span);
        if texts.any(|it| placeholder(it.text).is_some()) {
            continue;
        }
        let edit = subject.editor().as_ref().and_then(set_version);
        cx.report_problem(problem)
            .fix("write the version `2012-10-17`", edit);
    }
}
