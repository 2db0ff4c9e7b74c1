//! A recursive matcher for `*` and `?` over UTF-16 units, and texts with policy variables.
//!
//! Slow on purpose: one case of the definition is one line here.

/// One unit of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// This very unit.
    Literal(u16),
    /// `?`
    One,
    /// `*`
    Run,
    /// A `?` that matches no colon (R6).
    OneInPart,
    /// A `*` that runs over no colon (R6).
    RunInPart,
}

const COLON: u16 = b':' as u16;

/// Returns whether the whole text matches.
pub(crate) fn matches(pattern: &[Unit], text: &[u16]) -> bool {
    let mut known = vec![None; (pattern.len() + 1) * (text.len() + 1)];
    at(pattern, text, 0, 0, &mut known)
}

fn at(pattern: &[Unit], text: &[u16], p: usize, t: usize, known: &mut Vec<Option<bool>>) -> bool {
    let place = p * (text.len() + 1) + t;
    if let Some(known) = known[place] {
        return known;
    }
    let more = t < text.len();
    let answer = match pattern.get(p) {
        None => !more,
        Some(Unit::Literal(unit)) => {
            more && text[t] == *unit && at(pattern, text, p + 1, t + 1, known)
        }
        Some(Unit::One) => more && at(pattern, text, p + 1, t + 1, known),
        Some(Unit::OneInPart) => more && text[t] != COLON && at(pattern, text, p + 1, t + 1, known),
        Some(Unit::Run) => {
            at(pattern, text, p + 1, t, known) || more && at(pattern, text, p, t + 1, known)
        }
        Some(Unit::RunInPart) => {
            at(pattern, text, p + 1, t, known)
                || more && text[t] != COLON && at(pattern, text, p, t + 1, known)
        }
    };
    known[place] = Some(answer);
    answer
}

/// Returns the units of a text.
pub(crate) fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// Returns the pattern that a text with wildcards and no variables is.
pub(crate) fn pattern(text: &str) -> Vec<Unit> {
    let unit = |it: u16| match u8::try_from(it) {
        Ok(b'*') => Unit::Run,
        Ok(b'?') => Unit::One,
        _ => Unit::Literal(it),
    };
    text.encode_utf16().map(unit).collect()
}

/// Returns the pattern that stands for a text as it is.
pub(crate) fn literal(text: &str) -> Vec<Unit> {
    text.encode_utf16().map(Unit::Literal).collect()
}

/// A piece of a text that may hold variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Ordinary text.
    Text(String),
    /// `${*}`, `${?}`, `${$}` (V7).
    Escape(char),
    /// `${key}` or `${key, 'default'}` (V2, V4).
    Variable {
        /// The key as written.
        key: String,
        /// The default.
        default: Option<String>,
    },
}

/// Splits a text at its variables. A `${` that nothing closes is text (V14).
pub(crate) fn pieces(text: &str, variables: bool) -> Vec<Piece> {
    if !variables {
        return vec![Piece::Text(text.to_owned())];
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(end) = rest[start..].find('}') else {
            break;
        };
        pieces.push(Piece::Text(rest[..start].to_owned()));
        let inside = &rest[start + 2..start + end];
        pieces.push(match inside {
            "*" | "?" | "$" => Piece::Escape(inside.chars().next().unwrap()),
            _ => match inside.split_once(',') {
                None => Piece::Variable {
                    key: inside.to_owned(),
                    default: None,
                },
                Some((key, default)) => Piece::Variable {
                    key: key.to_owned(),
                    default: Some(unquoted(default.trim()).to_owned()),
                },
            },
        });
        rest = &rest[start + end + 1..];
    }
    pieces.push(Piece::Text(rest.to_owned()));
    pieces
}

fn unquoted(text: &str) -> &str {
    let inner = text.strip_prefix('\'').and_then(|it| it.strip_suffix('\''));
    inner.unwrap_or(text)
}
