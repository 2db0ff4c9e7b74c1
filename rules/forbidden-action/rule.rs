//! Flags allowed actions that the team's settings forbid.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for (span, entry) in cx.subject().forbidden_actions(statement) {
        cx.report(span, format!("`{entry}` is forbidden, and allowed here"))
            .why("your settings list it under `forbidden-actions`")
            .help("take it out of the statement, or out of the list");
    }
}
