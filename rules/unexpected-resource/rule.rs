//! Resources in trust policies; the fix removes them.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems_with("unexpected-resource", |editor, problem| {
        let member = editor.member_at(problem.span)?;
        let edit = editor.remove(problem.span)?;
        Some((format!("remove `{}`", member.key), vec![edit]))
    });
}
