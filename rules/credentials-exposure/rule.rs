//! Flags actions that hand out credentials.

use crate::policy::Statement;
use crate::rule::{RuleContext, Topic, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let (subject, index) = (cx.subject(), cx.index());
    let found: Vec<_> = subject.sensitive_about(index, Topic::Credentials).collect();
    let Some(first) = found.first() else {
        return;
    };
    let names: Vec<&str> = found.iter().map(|it| it.action).collect();
    let message = format!("{} can hand out credentials", name_some(&names));
    cx.report(statement.action.patterns[first.pattern].span, message)
        .why("who has the credentials acts with them, unseen by conditions on this policy")
        .help("name the resources, or add a condition on who may call it from where");
}
