//! Flags actions that AWS's reference lacks although an AWS managed policy names them.

use crate::rule::{Naming, RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for index in 0..subject.document.statements.len() {
        let own = subject
            .odd_actions()
            .iter()
            .filter(|it| it.statement == index);
        let is_unlisted = |naming: &Naming| matches!(naming, Naming::Unlisted { .. });
        let unlisted: Vec<_> = own.filter(|it| is_unlisted(&it.naming)).collect();
        let Some(first) = unlisted.first() else {
            continue;
        };
        let Naming::Unlisted { policy } = first.naming else {
            continue;
        };
        let names: Vec<&str> = unlisted.iter().map(|it| &*it.pattern.text).collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        let message = format!("{} {verb} not in AWS's reference", name_some(&names));
        cx.report(first.pattern.span, message)
            .label(format!("named by the AWS managed policy `{policy}`"))
            .why("what it allows, and on which resources, is written down nowhere")
            .help("keep it only if a service asks for it");
    }
}
