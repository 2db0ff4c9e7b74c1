//! Flags actions against what records and watches.

use crate::policy::Statement;
use crate::rule::{RuleContext, Topic, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let (subject, index) = (cx.subject(), cx.index());
    let found: Vec<_> = subject.sensitive_about(index, Topic::Audit).collect();
    let Some(first) = found.first() else {
        return;
    };
    let names: Vec<&str> = found.iter().map(|it| it.action).collect();
    let message = format!(
        "{} can stop or remove what records and watches",
        name_some(&names)
    );
    cx.report(statement.action.patterns[first.pattern].span, message)
        .why("what is done afterwards leaves no trace, and what was recorded may be gone")
        .help("deny it to everybody but those who run the logs");
}
