//! A byte order mark, and the text without it.

use crate::finding::{Edit, Finding, Fix, FixClass};
use crate::json::OddityKind;
use crate::rule::places_of;

pub(super) fn check(text: &str, finding: &mut Finding) {
    let places = places_of(text, finding, OddityKind::ByteOrderMark);
    if places.is_empty() {
        return;
    }
    let removed = |span| Edit {
        span,
        text: String::new(),
    };
    finding.fix = Some(Fix {
        title: "remove the byte order mark".into(),
        class: FixClass::Suggested,
        edits: places.into_iter().map(removed).collect(),
    });
}
