//! Values of the wrong JSON type; the fix writes numbers and booleans as texts where texts belong.

use crate::json::Kind;
use crate::rule::RuleContext;

/// Where texts belong.
const TEXTS: [&str; 10] = [
    "Sid",
    "Id",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "AWS",
    "Service",
    "Federated",
    "CanonicalUser",
];

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems_with("wrong-type", |editor, problem| {
        let value = editor.value_at(problem.span)?;
        let is_scalar = matches!(value.kind(), Kind::Number | Kind::Bool);
        let member = editor.member_around(problem.span)?;
        if !is_scalar || !TEXTS.contains(&member.key) {
            return None;
        }
        let edit = editor.replace_text(problem.span, value.as_scalar()?);
        Some(("put it in quotes".into(), vec![edit]))
    });
}
