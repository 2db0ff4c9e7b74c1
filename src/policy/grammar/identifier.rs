//! `Id` and `Sid` (G9; AWS: "IAM JSON policy elements: Sid", "Grammar of the IAM JSON policy
//! language").
//!
//! Services other than IAM have their own forms, which are not checked here.

use std::collections::HashMap;

use super::{REFUSED, is_iam};
use crate::policy::{Document, Kind, Problem};
use crate::source::Span;
use crate::switch::on;

pub(super) fn check(document: &Document, found: &mut Vec<Problem>) {
    if !on("G9") || !is_iam(document.kind) {
        return;
    }
    // A trust policy is a resource policy, and those may have an `Id`.
    if let Some(span) = document
        .id_key_span
        .filter(|_| document.kind != Kind::Trust)
    {
        let message = format!("{} has no `Id`", document.kind.title_with_article());
        found.push(
            Problem::new("G9", "unexpected-id", span, message)
                .why("AWS's grammar has it in resource policies only")
                .help("remove it"),
        );
    }
    let mut seen: HashMap<&str, Span> = HashMap::new();
    // IAM takes an empty `Sid` for none.
    let sids = document.statements.iter().filter_map(|it| it.sid.as_ref());
    for sid in sids.filter(|sid| !sid.text.is_empty()) {
        if !sid.text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message = format!(
                "`{}` is not a `Sid`: letters A to Z, a to z and digits only",
                sid.text
            );
            let help = match plain_sid(&sid.text) {
                rest if rest.is_empty() => "use letters and digits, or remove it".into(),
                rest => format!("write `{rest}`, or remove it"),
            };
            found.push(
                Problem::new("G9", "malformed-sid", sid.span, message)
                    .why(REFUSED)
                    .help(help),
            );
        }
        match seen.get(&*sid.text) {
            Some(first) => {
                let message = format!("`{}` is the `Sid` of two statements", sid.text);
                found.push(
                    Problem::new("G9", "duplicate-sid", sid.span, message)
                        .why(REFUSED)
                        .help("rename one of the two")
                        .related(*first, "first here"),
                );
            }
            None => {
                seen.insert(&sid.text, sid.span);
            }
        }
    }
}

/// Returns a `Sid` as IAM takes it: letters and digits of this one, with a capital where something
/// else stood before a letter. Empty if there are none.
#[must_use]
pub fn plain_sid(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut is_start = false;
    for character in text.chars() {
        if !character.is_ascii_alphanumeric() {
            is_start = true;
        } else if std::mem::take(&mut is_start) && !plain.is_empty() {
            plain.push(character.to_ascii_uppercase());
        } else {
            plain.push(character);
        }
    }
    plain
}
