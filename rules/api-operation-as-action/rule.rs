//! Flags API operations that IAM knows under the name of another action.

use crate::rule::{Naming, RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for odd in subject.odd_actions() {
        let statement = &subject.document.statements[odd.statement];
        let Naming::Operation(actions) = odd.naming else {
            continue;
        };
        if statement.action.negated {
            continue;
        }
        let span = odd.pattern.span;
        let edit = subject
            .editor()
            .and_then(|it| it.replace_by_texts(span, actions));
        let text = &odd.pattern.text;
        let names = name_some(actions);
        cx.report(span, format!("`{text}` is an API operation, and no action"))
            .label(format!("IAM checks {names}"))
            .why("IAM knows no action of this name, so the entry does nothing")
            .help(format!("write {names}"))
            .fix(format!("write {names}"), edit);
    }
}
