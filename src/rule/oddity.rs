//! What a text has that is not JSON, for the rules that take it away.

use crate::finding::Finding;
use crate::json::{self, OddityKind};
use crate::source::Span;

/// Returns where a text has oddities of the kind that a finding is about; nowhere if it is about
/// a text inside it, which cannot be edited.
#[must_use]
pub fn places_of(text: &str, finding: &Finding, kind: OddityKind) -> Vec<Span> {
    let Ok(parsed) = json::parse(text) else {
        return Vec::new();
    };
    let own = parsed.oddities.iter().filter(|it| it.kind == kind);
    let places: Vec<Span> = own.map(|it| it.span).collect();
    if places.contains(&finding.primary.location.span) {
        places
    } else {
        Vec::new()
    }
}
