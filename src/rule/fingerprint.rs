//! Names of findings that stay the same when lines move.

use crate::catalog::hash_bytes;
use crate::finding::Finding;

/// Returns what names a finding across changes of its file: its rule, path and statement (by its
/// `Sid`, else by its content). Sixteen hex digits.
#[must_use]
pub fn fingerprint(finding: &Finding, path: &str) -> String {
    digits(&place(finding, path))
}

/// Returns [`fingerprint`] with the words of the finding in it: a statement that got wider under
/// the same `Sid` is news.
#[must_use]
pub fn fingerprint_with_words(finding: &Finding, path: &str) -> String {
    digits(&format!("{}\n{}", place(finding, path), finding.message))
}

fn place(finding: &Finding, path: &str) -> String {
    let subject = finding.subject.as_ref();
    let document = subject.map_or(0, |it| it.document);
    let sid = subject.and_then(|it| it.sid.as_deref());
    let hash = subject.and_then(|it| it.hash.as_deref());
    let statement = sid.or(hash).unwrap_or_default();
    format!("{}\n{path}\n{document}\n{statement}", finding.rule)
}

fn digits(text: &str) -> String {
    format!("{:016x}", hash_bytes(text.as_bytes()))
}
