//! Comments, and the text without them.

use crate::finding::{Edit, Finding, Fix, FixClass};
use crate::json::OddityKind;
use crate::rule::places_of;
use crate::source::Span;

pub(super) fn check(text: &str, finding: &mut Finding) {
    let places = places_of(text, finding, OddityKind::Comment);
    if places.is_empty() {
        return;
    }
    let removed = |span| Edit {
        span: with_space(text, span),
        text: String::new(),
    };
    finding.fix = Some(Fix {
        title: "remove the comments".into(),
        class: FixClass::Suggested,
        edits: places.into_iter().map(removed).collect(),
    });
}

/// Returns a comment with the space before it, or the whole line where it stands alone in one.
fn with_space(text: &str, comment: Span) -> Span {
    let before = text.get(..comment.start as usize).unwrap_or_default();
    let after = text.get(comment.end as usize..).unwrap_or_default();
    let space = before.len() - before.trim_end_matches([' ', '\t']).len();
    let space = u32::try_from(space).unwrap_or_default();
    let starts_line = before.trim_end_matches([' ', '\t']).ends_with('\n');
    let line_end = ["\r\n", "\n"].into_iter().find(|it| after.starts_with(it));
    let tail = match line_end {
        Some(line_end) if starts_line => u32::try_from(line_end.len()).unwrap_or_default(),
        _ => 0,
    };
    Span::new(comment.start - space, comment.end + tail)
}
