//! Flags actions on accounts and organizations.

use crate::policy::Statement;
use crate::rule::{RuleContext, Topic, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let (subject, index) = (cx.subject(), cx.index());
    let found: Vec<_> = subject.sensitive_about(index, Topic::Account).collect();
    let Some(first) = found.first() else {
        return;
    };
    let names: Vec<&str> = found.iter().map(|it| it.action).collect();
    let message = format!(
        "{} can change the account or the organization",
        name_some(&names)
    );
    cx.report(statement.action.patterns[first.pattern].span, message)
        .why("it affects everybody in the account, not only who has this policy")
        .help("leave it to the administrators of the account, and deny it elsewhere");
}
