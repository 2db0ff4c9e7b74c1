//! Flags keys of `Principal` that AWS does not define; puts the letter case right.

use crate::rule::RuleContext;

const TYPES: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let problems = subject.problems().iter();
    for problem in problems.filter(|it| it.name == "unknown-principal-type") {
        let own = subject.text.get(problem.span.range()).unwrap_or_default();
        let own = own.trim_matches('"');
        let same = |name: &&&str| {
            name.eq_ignore_ascii_case(own)
                || own
                    .strip_suffix(['s', 'S'])
                    .is_some_and(|it| name.eq_ignore_ascii_case(it))
        };
        let element = subject
            .statement_at(problem.span)
            .and_then(|(_, it)| it.principal.as_ref());
        let editor = subject.editor();
        // Two members of one name would be worse than one that is misspelt.
        let is_free = |name: &&&str| {
            let object = editor
                .zip(element)
                .and_then(|(it, own)| it.value_at(own.span));
            object.is_some_and(|it| it.get(name).is_none())
        };
        let name = TYPES.iter().find(same).filter(is_free);
        let edits = editor
            .zip(name)
            .map(|(it, name)| it.replace_text(problem.span, name));
        let title = format!("write `{}`", name.unwrap_or(&""));
        cx.report_problem(problem).fix(title, edits);
    }
}
