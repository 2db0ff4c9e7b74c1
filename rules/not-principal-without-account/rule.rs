//! Flags `NotPrincipal` that does not list all forms of a name.

use crate::json::edit::quoted;
use crate::policy::grammar::missing_forms;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let problems = subject.problems().iter();
    for problem in problems.filter(|it| it.name == "not-principal-without-account") {
        let add = || {
            let (_, statement) = subject.statement_at(problem.span)?;
            let element = statement.principal.as_ref()?;
            let missing: Vec<String> = missing_forms(element).iter().map(|it| quoted(it)).collect();
            let editor = subject.editor()?;
            let list = editor.value_at(element.span)?.get("AWS")?;
            editor.append_element(list.span(), &missing.join(", "))
        };
        cx.report_problem(problem).fix("add what is missing", add());
    }
}
