//! The words of the findings about texts that are not quite, or not at all, policy documents.

use crate::finding::{Finding, FindingType};
use crate::json::{Duplicate, OddityKind, SyntaxError, index};
use crate::source::{FileId, Location, Span};

const WHY_UNREAD: &str = "nothing in it was checked";

pub(super) fn too_large(file: FileId) -> Finding {
    let limit = super::MAX_BYTES / 1024 / 1024;
    unread(
        "file-too-large",
        at(file, Span::new(0, 0)),
        format!("the file has more than {limit} MiB"),
    )
    .help("a policy document has at most 32 KiB: is this the right file?")
}

pub(super) fn too_many_values(location: Location) -> Finding {
    unread(
        "file-too-large",
        location,
        "the text holds more values than any policy or account",
    )
    .help("is this the right file?")
}

pub(super) fn invalid_utf8(file: FileId, good: usize, bytes: &[u8]) -> Finding {
    let (message, help) = match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => (
            "the text is UTF-16, not UTF-8".to_owned(),
            "save it as UTF-8; Windows PowerShell writes UTF-16 with `>`, PowerShell 7 does not",
        ),
        _ => (
            format!(
                "the byte 0x{:02X} is not UTF-8",
                bytes.get(good).copied().unwrap_or_default()
            ),
            "save the file as UTF-8",
        ),
    };
    // The replacement character that stands in its place has three bytes.
    let span = Span::new(index(good), index(good) + 3);
    unread("invalid-utf8", at(file, span), message).help(help)
}

pub(super) fn encoded_utf8(location: Location) -> Finding {
    unread(
        "invalid-utf8",
        location,
        "the URL-encoded text decodes to bytes that are not UTF-8",
    )
    .help("write characters outside ASCII as their UTF-8 bytes, such as `%C3%A9` for `é`")
}

pub(super) fn empty(location: Location) -> Finding {
    unread("empty-file", location, "the file is empty")
        .help("was the command that should have written it successful?")
}

pub(super) fn syntax_error(location: Location, error: SyntaxError) -> Finding {
    unread("invalid-json", location, error.message).help(error.help)
}

pub(super) fn nested_too_often(location: Location) -> Finding {
    unread(
        "not-a-policy",
        location,
        "a text inside a text inside a text, over and over, and no policy document in it",
    )
    .help("decode the document before reading it")
}

/// Something that was left unread, with the one reason why that matters.
pub(super) fn unread(
    rule: &'static str,
    location: Location,
    message: impl Into<String>,
) -> Finding {
    Finding::new(rule, FindingType::Error, location, message).why(WHY_UNREAD)
}

/// Says what a text has `count` times, where AWS would see it (`in_document`) or only we do.
pub(super) fn oddity(
    kind: OddityKind,
    location: Location,
    count: usize,
    in_document: bool,
) -> Finding {
    let (rule, message, help) = match kind {
        OddityKind::ByteOrderMark => (
            "byte-order-mark",
            "the text starts with a byte order mark",
            "save the file as UTF-8 without a byte order mark",
        ),
        OddityKind::Comment => (
            "comment-in-policy",
            "a comment stands in the text",
            "remove it; a `Sid` can carry a short explanation",
        ),
        OddityKind::TrailingComma => (
            "trailing-comma",
            "a comma stands after the last value",
            "remove the comma",
        ),
    };
    let (finding_type, why) = if in_document {
        (
            FindingType::Error,
            "AWS accepts only strict JSON and refuses the document",
        )
    } else {
        (
            FindingType::Warning,
            "it is not strict JSON, and other tools refuse it",
        )
    };
    let finding = Finding::new(rule, finding_type, location, message)
        .why(why)
        .help(help);
    if count > 1 {
        finding.label(format!("the first of {count}"))
    } else {
        finding
    }
}

pub(super) fn duplicate(duplicate: &Duplicate<'_>, located: impl Fn(Span) -> Location) -> Finding {
    let again = duplicate.again.first().copied().unwrap_or(duplicate.first);
    let label = match duplicate.again.len() {
        1 => "stands here again".to_owned(),
        more => format!("stands here again, {} times in all", more + 1),
    };
    Finding::new(
        "duplicate-key",
        FindingType::Error,
        located(again),
        format!(
            "the key {} stands more than once in one object",
            quoted(duplicate.key)
        ),
    )
    .label(label)
    .related(located(duplicate.first), "stands here first")
    .why("AWS refuses the document, and other readers keep only one of the two")
    .help("merge the two values under one key, or split the statement")
}

/// Returns a text of the user's in backticks, shortened.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}

const fn at(file: FileId, span: Span) -> Location {
    Location { file, span }
}
