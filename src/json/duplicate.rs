//! Keys that stand more than once in one object.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Value;
use crate::source::Span;

/// A key that stands more than once in one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate<'t> {
    /// The decoded key.
    pub key: &'t str,
    /// Where it stands first.
    pub first: Span,
    /// Where it stands again, at least once.
    pub again: Vec<Span>,
}

/// Returns the repeated keys of every object in a value, by the place of their first repetition.
///
/// Keys are the same when their decoded texts are: `"\u0041"` repeats `"A"`. AWS refuses a document
/// with a repeated key (IAM User Guide, "Grammar of the IAM JSON policy language": "individual
/// elements must not contain multiple instances of the same key").
#[must_use]
pub fn duplicate_keys(value: Value<'_>) -> Vec<Duplicate<'_>> {
    let mut found = Vec::new();
    collect(value, &mut found);
    found.sort_by_key(|duplicate| duplicate.again.first().copied());
    found
}

// INVARIANT: `json::parse` refuses texts nested deeper than 512, so this recursion is shallow.
fn collect<'t>(value: Value<'t>, found: &mut Vec<Duplicate<'t>>) {
    value.elements().for_each(|element| collect(element, found));
    if has_few_members_all_different(value) {
        value
            .members()
            .for_each(|member| collect(member.value, found));
        return;
    }
    // The standard hasher is seeded, so that no document can make its keys collide on purpose.
    let mut seen: HashMap<&str, Seen> = HashMap::new();
    for member in value.members() {
        collect(member.value, found);
        match seen.entry(member.key) {
            Entry::Vacant(entry) => {
                entry.insert(Seen::Once(member.key_span));
            }
            Entry::Occupied(mut entry) => match *entry.get() {
                Seen::Once(first) => {
                    entry.insert(Seen::Again(found.len()));
                    found.push(Duplicate {
                        key: member.key,
                        first,
                        again: vec![member.key_span],
                    });
                }
                Seen::Again(at) => found[at].again.push(member.key_span),
            },
        }
    }
}

/// Whether an object is so small that comparing every key with every other is quickest, and has no
/// key twice. Nearly every object of a policy is.
fn has_few_members_all_different(value: Value<'_>) -> bool {
    const FEW: usize = 16;
    let mut keys: [&str; FEW] = [""; FEW];
    for (count, member) in value.members().enumerate() {
        if count == FEW || keys[..count].contains(&member.key) {
            return false;
        }
        keys[count] = member.key;
    }
    true
}

enum Seen {
    Once(Span),
    /// Its index in the list of findings.
    Again(usize),
}
