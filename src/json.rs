//! JSON with positions: the one place that touches `jsonc-parser`.
//!
//! [`parse`] reads strict JSON and keeps byte spans and duplicate keys. What AWS refuses but a
//! reader can still understand (a byte order mark, comments, trailing commas) comes back as
//! [`Oddity`] beside the tree; everything else that is not JSON is one [`SyntaxError`]. Nothing
//! here knows what a policy is.

mod duplicate;
pub mod edit;
mod offsets;
mod strict;
mod syntax;
mod tree;

pub use duplicate::{Duplicate, duplicate_keys};
pub use offsets::{Offsets, unescape};
pub use tree::{Kind, Member, NodeId, Tree, Value};

use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::tokens::Token;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

use crate::source::Span;

/// Something in a text that is not JSON but does not hide its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// What it is.
    pub kind: OddityKind,
    /// Where it is.
    pub span: Span,
}

/// The kinds of [`Oddity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OddityKind {
    /// U+FEFF before the first character.
    ByteOrderMark,
    /// `// …` or `/* … */`.
    Comment,
    /// A comma with nothing after it in its object or array.
    TrailingComma,
}

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where reading stopped.
    pub span: Span,
    /// What is wrong there; lower-case start, no final period.
    pub message: String,
    /// What was expected or what to do about it.
    pub help: String,
}

/// A text that could be read.
#[derive(Debug)]
pub struct Parsed<'s> {
    /// The values with their spans.
    pub tree: Tree<'s>,
    /// What AWS will refuse, in the order of the text.
    pub oddities: Vec<Oddity>,
}

/// Reads a text.
///
/// # Errors
///
/// The first thing that is not JSON, with its place.
pub fn parse(text: &str) -> Result<Parsed<'_>, SyntaxError> {
    if let Some(tree) = strict::parse(text) {
        let oddities = Vec::new();
        return Ok(Parsed { tree, oddities });
    }
    parse_leniently(text)
}

/// Reads a text that is not plain strict JSON, to say what it is instead.
fn parse_leniently(text: &str) -> Result<Parsed<'_>, SyntaxError> {
    // jsonc-parser's ranges count bytes of the text it gets, so the mark stays in and is skipped
    // by offset.
    let offset = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let body = &text[offset..];
    let strict = CollectOptions {
        comments: CommentCollectionStrategy::Off,
        tokens: false,
    };
    let (result, extra) = match parse_to_ast(body, &strict, &options(false)) {
        Ok(result) => (result, Vec::new()),
        Err(error) if is_tolerable(error.kind()) => {
            let tokens = CollectOptions {
                comments: CommentCollectionStrategy::AsTokens,
                tokens: true,
            };
            let result = parse_to_ast(body, &tokens, &options(true))
                .map_err(|error| syntax_error(&error, offset))?;
            let extra = oddities(result.tokens.as_deref().unwrap_or_default(), offset);
            (result, extra)
        }
        Err(error) => return Err(syntax_error(&error, offset)),
    };
    let Some(value) = result.value else {
        let end = index(text.len());
        return Err(SyntaxError {
            span: Span::new(end, end),
            message: "the text holds no JSON value".into(),
            help: "a policy document is a JSON object with a `Statement`".into(),
        });
    };
    syntax::check_between_values(text, offset)?;
    let tree = Tree::build(text, offset, &value)?;
    let mut all = Vec::new();
    if offset > 0 {
        all.push(Oddity {
            kind: OddityKind::ByteOrderMark,
            span: Span::new(0, 3),
        });
    }
    all.extend(extra);
    Ok(Parsed {
        tree,
        oddities: all,
    })
}

const fn options(tolerant: bool) -> ParseOptions {
    ParseOptions {
        allow_comments: tolerant,
        allow_trailing_commas: tolerant,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

const fn is_tolerable(kind: &ParseErrorKind) -> bool {
    matches!(
        kind,
        ParseErrorKind::CommentsNotAllowed | ParseErrorKind::TrailingCommasNotAllowed
    )
}

fn oddities(tokens: &[jsonc_parser::tokens::TokenAndRange<'_>], offset: usize) -> Vec<Oddity> {
    let mut found = Vec::new();
    let mut comma = None;
    for token in tokens {
        let span = Span::new(
            index(token.range.start + offset),
            index(token.range.end + offset),
        );
        match token.token {
            Token::CommentLine(_) | Token::CommentBlock(_) => {
                found.push(Oddity {
                    kind: OddityKind::Comment,
                    span,
                });
                continue;
            }
            Token::CloseBrace | Token::CloseBracket => {
                if let Some(span) = comma {
                    found.push(Oddity {
                        kind: OddityKind::TrailingComma,
                        span,
                    });
                }
            }
            _ => {}
        }
        comma = matches!(token.token, Token::Comma).then_some(span);
    }
    found.sort_by_key(|oddity| oddity.span);
    found
}

fn syntax_error(error: &ParseError, offset: usize) -> SyntaxError {
    let range = error.range();
    let (message, help) = syntax::words(error.kind());
    SyntaxError {
        span: Span::new(index(range.start + offset), index(range.end + offset)),
        message: message.into(),
        help: help.into(),
    }
}

/// Returns an index as the 32 bits of a [`Span`]; `read` refuses longer texts beforehand.
pub(crate) fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways of reading give the same: whatever the quick one accepts, the other accepts too,
    /// with the same values in the same places.
    fn same_both_ways(text: &str) {
        let Some(quick) = strict::parse(text) else {
            return;
        };
        let slow = parse_leniently(text).unwrap_or_else(|error| panic!("{error:?}: {text}"));
        assert!(slow.oddities.is_empty(), "{text}");
        assert_eq!(quick.all(), slow.tree.all(), "{text}");
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a test reads the texts of testdata"
    )]
    #[test]
    fn reads_strict_texts_both_ways_alike() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders = vec![root.join("testdata"), root.join("fuzz")];
        let mut texts = Vec::new();
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(folder) else {
                continue;
            };
            for path in entries.map(|entry| entry.unwrap().path()) {
                let bytes = std::fs::read(&path).unwrap_or_default();
                match String::from_utf8(bytes) {
                    _ if path.is_dir() => folders.push(path),
                    Ok(text) if text.contains('{') => {
                        texts.extend(text.lines().take(200).map(str::to_owned));
                        texts.push(text);
                    }
                    _ => {}
                }
            }
        }
        assert!(texts.len() > 500, "{}", texts.len());
        let accepted = texts.iter().filter(|text| strict::parse(text).is_some());
        assert!(accepted.count() > 200);
        texts.iter().for_each(|text| same_both_ways(text));
    }

    #[test]
    fn leaves_what_is_not_plain_strict_json_to_the_other_way() {
        let odd = [
            "",
            " ",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "// x\n1",
            "\u{feff}1",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "+1",
            "0x1",
            "NaN",
            "tru",
            "truex",
            "\"a",
            "\"\t\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\\u+123\"",
            "\"\\ud83d\\ude00\"",
            "{a:1}",
            "{'a':1}",
            "[1 2]",
            "{\"a\" 1}",
            "1 2",
            "\u{a0}1",
            "[1}",
            "{\"a\":}",
            "{1:2}",
            "\"\\",
        ];
        for text in odd {
            assert!(strict::parse(text).is_none(), "{text:?}");
        }
        assert!(strict::parse(&"[".repeat(100_000)).is_none());
        let fine = [
            "0",
            "-0",
            "-1.5e+10",
            "1E-2",
            "[[[]]]",
            "{}",
            " {\"a\" : [ 1 , 2 ] } \n",
            "\"\"",
            "\"\\u0041\\n\\/\\\\ä\\u00e9 and a text of some length\"",
            "null",
            "[true,false,null]",
            "{\"\\u0041\":1,\"A\":2}",
            "\"\u{7f}\u{80}\u{ffff}\"",
        ];
        for text in fine {
            assert!(strict::parse(text).is_some(), "{text:?}");
            same_both_ways(text);
        }
    }

    proptest::proptest! {
        #[test]
        fn damaged_texts_are_read_both_ways_alike(at in 0usize..200, byte in 0u8..128) {
            let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Al\u006cow","Action":["s3:Get*",1.5e3,-0],"x":null,"y":[true,false],"z":{}}]}"#;
            let mut bytes = text.as_bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            same_both_ways(std::str::from_utf8(&bytes).unwrap());
            bytes.remove(at);
            same_both_ways(std::str::from_utf8(&bytes).unwrap());
            bytes.truncate(at);
            same_both_ways(std::str::from_utf8(&bytes).unwrap());
        }
    }

    #[test]
    fn keeps_positions_duplicates_and_decoded_texts() {
        let parsed = parse("{\"a\": [1, \"x\\n\"], \"a\": true}").unwrap();
        let members: Vec<_> = parsed.tree.root().members().collect();
        assert_eq!(
            members.iter().map(|member| member.key).collect::<Vec<_>>(),
            ["a", "a"]
        );
        let elements: Vec<_> = members[0].value.elements().collect();
        assert_eq!(elements[0].as_scalar(), Some("1"));
        assert_eq!(elements[1].as_str(), Some("x\n"));
        assert_eq!(elements[1].span(), Span::new(10, 15));
        assert_eq!(members[1].value.as_bool(), Some(true));
    }

    #[test]
    fn tells_oddities_from_errors() {
        let parsed = parse("\u{feff}{ // c\n \"a\": [1,], }").unwrap();
        let kinds: Vec<_> = parsed.oddities.iter().map(|oddity| oddity.kind).collect();
        assert_eq!(
            kinds,
            [
                OddityKind::ByteOrderMark,
                OddityKind::Comment,
                OddityKind::TrailingComma,
                OddityKind::TrailingComma
            ]
        );
        assert_eq!(parse("{\"a\" 1}").unwrap_err().span.start, 5);
        assert!(parse("").is_err());
        assert!(
            parse("{\"a\": \"b\tc\"}")
                .unwrap_err()
                .message
                .contains("control character")
        );
        assert!(parse(&"[".repeat(200_000)).is_err());
        assert!(parse("{'a': 1}").is_err());
        assert!(parse("{a: 1}").is_err());
    }
}
