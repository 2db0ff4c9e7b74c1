//! Flags actions that destroy what holds data.

use crate::policy::Statement;
use crate::rule::{RuleContext, Topic, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let (subject, index) = (cx.subject(), cx.index());
    let found: Vec<_> = subject.sensitive_about(index, Topic::Destruction).collect();
    let Some(first) = found.first() else {
        return;
    };
    let names: Vec<&str> = found.iter().map(|it| it.action).collect();
    let message = format!("{} can destroy data or what protects it", name_some(&names));
    cx.report(statement.action.patterns[first.pattern].span, message)
        .why("one call, by mistake or not, loses data of everybody in the account")
        .help("name the resources, or add a condition on a tag or on MFA");
}
