//! Policy variables that are not closed; the fix closes one behind a known condition key.

use crate::catalog::Catalog;
use crate::rule::{RuleContext, written_variables};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for placed in subject.texts_with_variables() {
        let Some(open) = written_variables(placed.text).find(|it| !it.is_closed) else {
            continue;
        };
        let closed = key_end(subject.memo.catalog(), open.inner).map(|end| {
            let (key, rest) = open.inner.split_at(end);
            open.replaced(placed.text, &format!("${{{key}}}{rest}"))
        });
        let change = subject.editor().zip(closed);
        let mut report = cx.report(
            placed.span,
            format!("the variable in `{}` is not closed", placed.text),
        );
        report
            .why("AWS reads it as plain text, so it stands for nothing")
            .help("close it with `}` after the condition key");
        if let Some((editor, closed)) = change {
            let edit = editor.replace_text(placed.span, &closed);
            report.fix(format!("write `{closed}`"), [edit]);
        }
    }
}

/// Returns the end of the longest condition key that the text starts with.
fn key_end(catalog: &Catalog, text: &str) -> Option<usize> {
    let is_part =
        |it: char| it.is_ascii_alphanumeric() || matches!(it, ':' | '/' | '.' | '_' | '-');
    let most = text.find(|it| !is_part(it)).unwrap_or(text.len());
    let ends = text[..most].match_indices('/').map(|(at, _)| at);
    let mut ends: Vec<usize> = ends.chain([most]).collect();
    ends.retain(|end| !text[..*end].ends_with(['/', '.', '-']));
    let mut longest = ends.into_iter().rev();
    longest.find(|end| catalog.condition_key(&text[..*end]).is_some())
}
