//! Flags roles that trust themselves.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(own) = cx.arn else {
        return;
    };
    for entry in statement.admitted().filter(|it| &*it.text == own) {
        let edits = cx.remove(entry.span);
        cx.report(entry.span, "the role trusts itself")
            .why("a session can start another one of itself, and so outlive its own end")
            .help("remove it, unless code has to assume its own role")
            .fix("remove it", edits);
    }
}
