//! Flags actions and services that AWS's reference had and has no more, one finding a statement.

use crate::rule::{Naming, RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let is_retired = |naming: &Naming| matches!(naming, Naming::Retired { .. });
    for (index, statement) in subject.document.statements.iter().enumerate() {
        let own = subject
            .odd_actions()
            .iter()
            .filter(|it| it.statement == index);
        let retired: Vec<_> = own.filter(|it| is_retired(&it.naming)).collect();
        let Some(first) = retired.first() else {
            continue;
        };
        let Naming::Retired { seen, .. } = first.naming else {
            continue;
        };
        let names: Vec<&str> = retired.iter().map(|it| &*it.pattern.text).collect();
        let spans: Vec<_> = retired.iter().map(|it| it.pattern.span).collect();
        let is_all = spans.len() == statement.action.patterns.len();
        let edits = subject.editor().and_then(|editor| {
            if is_all {
                editor.remove(statement.span).map(|it| vec![it])
            } else {
                editor.remove_all(&spans)
            }
        });
        let date = &subject.memo.catalog().info().date;
        let verb = if names.len() == 1 { "is" } else { "are" };
        let mut report = cx.report(
            first.pattern.span,
            format!("{} {verb} retired", name_some(&names)),
        );
        report
            .label(format!("last seen in AWS's reference in {seen}"))
            .why(format!(
                "AWS's reference of {date} has no such action, so the entry does nothing more"
            ))
            .help(if is_all {
                "remove the statement"
            } else {
                "remove it"
            });
        if !statement.action.negated {
            report.fix("remove what is retired", edits.unwrap_or_default());
        }
    }
}
