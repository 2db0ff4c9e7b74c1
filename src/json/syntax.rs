//! What is not JSON: the words for it, and the check that jsonc-parser leaves to its users.

use jsonc_parser::ParseStringErrorKind;
use jsonc_parser::errors::ParseErrorKind;

use super::{SyntaxError, index};
use crate::source::Span;

const STRICT: &str = "the text must be strict JSON (RFC 8259), as AWS requires";
const ESCAPES: &str = "write `\\\\` for a backslash, `\\n` for a line break and `\\u00e9` for `é`";

/// Returns what is wrong and what was expected.
pub(super) const fn words(kind: &ParseErrorKind) -> (&'static str, &'static str) {
    use ParseErrorKind as E;
    match kind {
        E::ExpectedComma => ("a comma is missing here", "put a comma between the two"),
        E::ExpectedColonAfterObjectKey => (
            "a colon is missing after the key",
            "a key is followed by `:` and its value",
        ),
        E::ExpectedObjectValue => (
            "the value of a key is missing",
            "write a value after the `:`",
        ),
        E::UnterminatedObject => (
            "the object is not closed",
            "close it with `}`; is the file cut off?",
        ),
        E::UnterminatedArray => (
            "the array is not closed",
            "close it with `]`; is the file cut off?",
        ),
        E::UnterminatedCommentBlock => (
            "the comment is not closed",
            "remove it: JSON has no comments",
        ),
        E::MultipleRootJsonValues => (
            "a second value stands after the end of the first",
            "keep one value in a file, or put several documents into one array",
        ),
        E::NestingDepthExceeded => (
            "the values are nested more than 512 deep",
            "no policy is nested this deep: is this the right file?",
        ),
        E::SingleQuotedStringsNotAllowed => (
            "a text stands in single quotes",
            "JSON texts stand in double quotes",
        ),
        E::ExpectedStringObjectProperty | E::UnexpectedTokenInObject => (
            "a key in double quotes was expected here",
            "JSON keys stand in double quotes",
        ),
        E::UnexpectedWord => (
            "a value was expected here",
            "JSON texts stand in double quotes; only `true`, `false` and `null` stand without",
        ),
        E::UnexpectedCloseBrace => (
            "this `}` closes nothing",
            "remove it, or add the `{` it belongs to",
        ),
        E::UnexpectedCloseBracket => (
            "this `]` closes nothing",
            "remove it, or add the `[` it belongs to",
        ),
        E::UnexpectedComma => ("a value was expected before this comma", "remove the comma"),
        E::UnexpectedColon => ("a value was expected before this colon", "remove the colon"),
        E::UnexpectedToken => ("a value was expected here", STRICT),
        E::ExpectedDigit
        | E::ExpectedDigitFollowingNegativeSign
        | E::ExpectedPlusMinusOrDigitInNumberLiteral
        | E::HexadecimalNumbersNotAllowed
        | E::UnaryPlusNumbersNotAllowed
        | E::NonFiniteNumbersNotAllowed
        | E::BareDecimalPointNumbersNotAllowed => (
            "the number is not written as JSON writes numbers",
            "write it like `-12`, `0.5` or `1e6`",
        ),
        E::String(ParseStringErrorKind::UnterminatedStringLiteral) => (
            "the text is not closed",
            "close it with `\"`; is the file cut off?",
        ),
        E::String(ParseStringErrorKind::InvalidUnicodeEscapeSequence(_)) => (
            "the escape stands for half a character",
            "write both halves of the surrogate pair, or the character itself",
        ),
        E::String(ParseStringErrorKind::ExpectedFourHexDigits) => {
            ("four hexadecimal digits were expected after `\\u`", ESCAPES)
        }
        E::String(_) => ("JSON has no such escape", ESCAPES),
        E::CommentsNotAllowed | E::TrailingCommasNotAllowed => {
            ("the text is not strict JSON", STRICT)
        }
    }
}

/// Refuses characters between values that jsonc-parser takes for space but JSON and AWS do not
/// (RFC 8259, 2), such as the no-break spaces that come with text copied from a web page.
pub(super) fn check_between_values(text: &str, offset: usize) -> Result<(), SyntaxError> {
    let bytes = text.as_bytes();
    let is_suspect = |byte: u8| byte >= 0x80 || matches!(byte, 0x0B | 0x0C);
    if !bytes[offset..].iter().any(|byte| is_suspect(*byte)) {
        return Ok(());
    }
    let mut at = offset;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'"', _) => at = end_of_string(bytes, at),
            (b'/', Some(b'/')) => {
                let ends = |byte: &u8| matches!(byte, b'\n' | b'\r');
                at += bytes[at..]
                    .iter()
                    .position(ends)
                    .unwrap_or(bytes.len() - at);
            }
            (b'/', Some(b'*')) => {
                at = text[at + 2..]
                    .find("*/")
                    .map_or(bytes.len(), |end| at + end + 4)
            }
            (byte, _) if is_suspect(byte) => {
                let Some(character) = text[at..].chars().next() else {
                    break;
                };
                let span = Span::new(index(at), index(at + character.len_utf8()));
                let code = u32::from(character);
                return Err(SyntaxError {
                    span,
                    message: format!("the character U+{code:04X} stands between JSON values"),
                    help: "replace it with a plain space: JSON has only spaces, tabs and line breaks there".into(),
                });
            }
            _ => at += 1,
        }
    }
    Ok(())
}

/// Returns one past the closing quote of the string that starts at `at`.
fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'"' => return end + 1,
            b'\\' => end += 2,
            _ => end += 1,
        }
    }
    bytes.len()
}
