//! Statement ids of IAM policies that stand more than once; the fix numbers them.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    cx.report_problems_with("duplicate-sid", |editor, problem| {
        let (index, statement) = subject.statement_at(problem.span)?;
        let new = subject.unique_sid(index, statement)?;
        let edit = editor.replace_text(problem.span, &new);
        Some((format!("write `{new}`"), vec![edit]))
    });
}
