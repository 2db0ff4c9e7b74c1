//! `Id` in policies that have none; the fix removes it.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    // A service control policy looks like an identity policy, and AWS stores some with an `Id`.
    if !cx.kind_is_certain {
        return;
    }
    cx.report_problems_with("unexpected-id", |editor, problem| {
        let edit = editor.remove(problem.span)?;
        Some(("remove the `Id`".into(), vec![edit]))
    });
}
