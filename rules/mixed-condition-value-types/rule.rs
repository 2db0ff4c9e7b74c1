//! Flags lists of condition values that mix texts, numbers and booleans.

use crate::json::Kind;
use crate::json::edit::quoted;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if condition.values.len() < 2 {
            continue;
        }
        let Some(editor) = cx.editor() else { return };
        let kind = |at: usize| {
            let span = condition.values.get(at)?.span;
            editor.value_at(span).map(|it| it.kind())
        };
        let first = kind(0);
        let Some(other) = (1..condition.values.len()).find(|at| kind(*at) != first) else {
            continue;
        };
        let key = &condition.key_text.text;
        let texts = condition.values.iter().enumerate();
        let edits: Vec<_> = texts
            .filter(|(at, _)| kind(*at) != Some(Kind::String))
            .map(|(_, it)| editor.replace(it.span, quoted(it.template.text())))
            .collect();
        cx.report(
            condition.values[other].span,
            format!("the values of `{key}` are of several JSON types"),
        )
        .related(condition.values[0].span, "of another type than this")
        .why("IAM Access Analyzer counts a list with values of several JSON types as an error")
        .help("write all of them as texts")
        .fix("write all values as texts", edits);
    }
}
