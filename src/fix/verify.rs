//! What a change of a document does, proven.

use crate::analyze::{Analysis, Doubt, Found};
use crate::finding::FixClass;
use crate::policy::{Document, Kind, written};

/// What a change does to what a document allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is of this class: *suggested* if some request is allowed afterwards that was not before.
    Class(FixClass),
    /// Neither could be shown.
    Unknown(Doubt),
}

/// Compares a document before and after a change.
///
/// A document that AWS refuses allows and denies nothing. Both what the document allows by itself
/// and what its Deny statements let pass are compared, so a weaker Deny is seen in a policy that
/// allows nothing.
#[must_use]
pub fn verify(analysis: &Analysis<'_>, before: &Document, after: &Document) -> Verdict {
    let (before, after) = (in_force(before), in_force(after));
    let everything = everything(before.kind);
    let beside = |document: &Document| vec![document.clone(), everything.clone()];
    let mut narrows = false;
    for (old, new) in [
        (vec![before.clone()], vec![after.clone()]),
        (beside(&before), beside(&after)),
    ] {
        match analysis.find_excess(&[&new], &[&old]) {
            Found::Nothing => {}
            Found::Request(_) => return Verdict::Class(FixClass::Suggested),
            Found::Unknown(doubt) => return Verdict::Unknown(doubt),
        }
        match analysis.find_excess(&[&old], &[&new]) {
            Found::Nothing => {}
            Found::Request(_) => narrows = true,
            Found::Unknown(doubt) => return Verdict::Unknown(doubt),
        }
    }
    Verdict::Class(if narrows {
        FixClass::Narrowing
    } else {
        FixClass::Equivalent
    })
}

/// Returns the document as AWS stores it: not at all if it refuses it.
fn in_force(document: &Document) -> Document {
    if document.refusal().is_some() {
        Document::empty(document.kind)
    } else {
        document.clone()
    }
}

/// A document of this kind that allows everything.
fn everything(kind: Kind) -> Document {
    let principal = if kind.has_principal() {
        ",\"Principal\":\"*\""
    } else {
        ""
    };
    let resource = if kind == Kind::Trust {
        ""
    } else {
        ",\"Resource\":\"*\""
    };
    written(
        &format!(
            "{{\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":\"*\"{principal}{resource}}}]}}"
        ),
        kind,
    )
}
