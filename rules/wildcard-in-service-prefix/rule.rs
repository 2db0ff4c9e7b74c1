//! Reports actions whose service prefix has a wildcard; `*:*` is `*`.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let problems = subject.problems().iter();
    for problem in problems.filter(|it| it.name == "wildcard-in-service-prefix") {
        let action = subject.action_at(problem.span);
        let is_all = action.is_some_and(|it| it.text.bytes().all(|it| matches!(it, b'*' | b':')));
        let mut report = cx.report_problem(problem);
        if let (true, Some(editor)) = (is_all, subject.editor()) {
            let edit = editor.replace_text(problem.span, "*");
            report
                .help("write `*` for every action of every service")
                .fix("write `*`", [edit]);
        }
    }
}
