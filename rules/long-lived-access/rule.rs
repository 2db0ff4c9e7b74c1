//! Flags actions that make ways in that last.

use crate::policy::Statement;
use crate::rule::{RuleContext, Topic, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let (subject, index) = (cx.subject(), cx.index());
    let found: Vec<_> = subject.sensitive_about(index, Topic::Persistence).collect();
    let Some(first) = found.first() else {
        return;
    };
    let names: Vec<&str> = found.iter().map(|it| it.action).collect();
    let message = format!("{} can make ways in that last", name_some(&names));
    cx.report(statement.action.patterns[first.pattern].span, message)
        .why("the way in stays open after this policy has been taken away")
        .help("leave users, keys and identity providers to the administrators of IAM");
}
