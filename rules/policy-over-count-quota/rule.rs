//! More statements or actions than a queue or topic policy may have.

use crate::policy::quotas::counts;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let document = subject.document;
    let Some(quota) = counts(document) else {
        return;
    };
    let mut refuse = |span, count: usize, what: &str, most: usize| {
        let message = format!("{count} {what}, and {} has at most {most}", quota.subject);
        cx.report(span, message)
            .why("the service refuses the document")
            .help("join what belongs together");
    };
    if let Some(first) = document.statements.get(quota.statements) {
        let count = document.statements.len();
        refuse(first.span, count, "statements", quota.statements);
    }
    for statement in &document.statements {
        let count = statement.action.patterns.len();
        if let Some(most) = quota.actions.filter(|it| count > *it) {
            refuse(
                statement.action.span,
                count,
                "actions in one statement",
                most,
            );
        }
    }
}
