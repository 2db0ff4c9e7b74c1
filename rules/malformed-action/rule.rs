//! Reports texts of `Action` that have not the form of an action, with what was likely meant.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let problems = subject.problems().iter();
    for problem in problems.filter(|it| it.name == "malformed-action") {
        let action = subject.action_at(problem.span);
        let meant = action.and_then(|it| subject.memo.meant_by_malformed(&it.text));
        let mut report = cx.report_problem(problem);
        if let (Some(meant), Some(editor)) = (meant, subject.editor()) {
            let edit = editor.replace_text(problem.span, &meant);
            report
                .help(format!("did you mean `{meant}`?"))
                .fix(format!("write `{meant}`"), [edit]);
        }
    }
}
