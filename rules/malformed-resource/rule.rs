//! Reports texts of `Resource` that are neither `*` nor an ARN, with what was likely meant.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let problems = subject.problems().iter();
    for problem in problems.filter(|it| it.name == "malformed-resource") {
        let resource = subject.resource_at(problem.span);
        let meant = resource.and_then(|it| subject.memo.meant_by_no_arn(it.template.text()));
        let mut report = cx.report_problem(problem);
        if let (Some(meant), Some(editor)) = (meant, subject.editor()) {
            let edit = editor.replace_text(problem.span, &meant);
            report
                .help(format!("did you mean `{meant}`?"))
                .fix(format!("write `{meant}`"), [edit]);
        }
    }
}
