//! Reports statements whose conditions on one key contradict each other.

use crate::policy::Effect;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for (at, index) in subject.contradictions() {
        let Some(statement) = subject.document.statements.get(at) else {
            continue;
        };
        let Some(condition) = statement.conditions.get(index) else {
            continue;
        };
        let edit = subject.editor().and_then(|it| it.remove(statement.span));
        let name = statement.name(at);
        let (does, key) = match statement.effect {
            Effect::Allow => ("allows", &condition.key_text),
            Effect::Deny => ("denies", &condition.key_text),
        };
        let message = format!(
            "the conditions of {name} on `{}` contradict each other",
            key.text
        );
        let mut report = cx.report(key.span, message);
        let others = statement.conditions[..index].iter();
        for other in others.filter(|it| it.key == condition.key) {
            report.related(other.key_text.span, "the other condition");
        }
        report
            .why(format!(
                "all conditions have to hold, so no request matches, and it {does} nothing"
            ))
            .help("put the conditions right, or remove the statement")
            .fix("remove the statement", edit);
    }
}
