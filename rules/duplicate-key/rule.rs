//! A key that stands twice in one object; where both say the same, without the second.

use crate::finding::{Finding, Fix, FixClass};
use crate::json::edit::Editor;
use crate::json::{self, Value};

pub(super) fn check(text: &str, finding: &mut Finding) {
    let (Ok(parsed), Some(first)) = (json::parse(text), finding.related.first()) else {
        return;
    };
    let editor = Editor::new(text, parsed.tree.root());
    let first = editor.member_at(first.location.span);
    let second = editor.member_at(finding.primary.location.span);
    let (Some(first), Some(second)) = (first, second) else {
        return;
    };
    if !is_same(first.value, second.value) {
        return;
    }
    finding.fix = editor.remove(second.key_span).map(|edit| Fix {
        title: "remove the second, which says the same".into(),
        class: FixClass::Suggested,
        edits: vec![edit],
    });
}

// INVARIANT: `json::parse` refuses texts nested deeper than 512, so this recursion is shallow.
fn is_same(one: Value<'_>, other: Value<'_>) -> bool {
    let members = one.members().zip(other.members());
    let elements = one.elements().zip(other.elements());
    one.kind() == other.kind()
        && one.as_scalar() == other.as_scalar()
        && one.members().count() == other.members().count()
        && one.elements().count() == other.elements().count()
        && members
            .into_iter()
            .all(|(a, b)| a.key == b.key && is_same(a.value, b.value))
        && elements.into_iter().all(|(a, b)| is_same(a, b))
}
