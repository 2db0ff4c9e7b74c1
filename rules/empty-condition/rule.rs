//! Empty conditions; the fix removes them, which changes nothing.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems_with("empty-condition", |editor, problem| {
        let member = editor.member_around(problem.span)?;
        let edit = editor.remove(member.key_span)?;
        Some(("remove the empty `Condition`".into(), vec![edit]))
    });
}
