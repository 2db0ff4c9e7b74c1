//! Empty statement ids; the fix removes them, which changes nothing.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(sid) = statement.sid.as_ref().filter(|it| it.text.is_empty()) else {
        return;
    };
    let editor = cx.editor();
    let edit = editor.and_then(|it| it.remove(it.member_around(sid.span)?.key_span));
    cx.report(sid.span, "the `Sid` is empty")
        .why("it names nothing")
        .help("remove it, or name the statement")
        .fix("remove the empty `Sid`", edit);
}
