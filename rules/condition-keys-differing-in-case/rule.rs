//! Flags a condition key that stands twice under one operator in different letter cases.

use crate::finding::Edit;
use crate::policy::{Condition, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for (at, second) in statement.conditions.iter().enumerate() {
        let first = statement.conditions[..at]
            .iter()
            .find(|it| it.key == second.key && it.operator_text.span == second.operator_text.span);
        // The same text twice is `duplicate-key`.
        let Some(first) = first.filter(|it| it.key_text.text != second.key_text.text) else {
            continue;
        };
        let edits = merge(cx, statement, first, second);
        let (one, two) = (&first.key_text.text, &second.key_text.text);
        cx.report(
            second.key_text.span,
            format!("`{two}` is the same condition key as `{one}`"),
        )
        .related(first.key_text.span, "first here")
        .why("condition keys ignore letter case, so this is one key twice under one operator, which IAM Access Analyzer counts as an error")
        .help("put the values into one list, or use two operators if both have to hold")
        .fix("merge the two", edits.into_iter().flatten());
    }
}

/// Merges the two where that changes nothing: under a negated operator no value of either may
/// match, and a key with the same values says the same.
fn merge(
    cx: &RuleContext<'_>,
    statement: &Statement,
    first: &Condition,
    second: &Condition,
) -> Option<Vec<Edit>> {
    let text = |of: &Condition| -> Vec<&str> {
        let values = of.values.iter();
        values
            .filter_map(|it| cx.text.get(it.span.range()))
            .collect()
    };
    let (mut all, more) = (text(first), text(second));
    let mut edits = cx.remove_condition(statement, second)?;
    if all == more {
        return Some(edits);
    }
    if !second.is_negated() || second.quantifier().is_some() {
        return None;
    }
    all.extend(more);
    let list = format!("[{}]", all.join(", "));
    edits.push(cx.editor()?.replace(first.values_span, list));
    Some(edits)
}
