//! The one matcher for `*`, `?` and policy variables.
//!
//! Actions, resources and condition values all match through this module. It knows texts and
//! wildcards; which element uses which flavour is `policy`'s and `evaluate`'s to say.
//! `?` stands for one UTF-16 unit (rule C9, recorded against AWS).

use crate::switch::on;

/// One position of a pattern after variables were substituted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// This UTF-16 unit and no other.
    Unit(u16),
    /// `*`: any run, also empty.
    Any,
    /// `?`: any one unit.
    One,
    /// `*` inside one of the first five parts of an ARN: any run without a colon (R6).
    AnyInPart,
    /// `?` there: any one unit but a colon (R6).
    OneInPart,
}

/// A text that may hold policy variables (AWS: "IAM policy elements: Variables and tags").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: Box<str>,
    /// Empty when the text has no variables.
    pieces: Box<[Piece]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Text as written, wildcards included.
    Text(Box<str>),
    /// `${*}`, `${?}` or `${$}`: that character itself (V7).
    Escaped(char),
    /// `${key}` or `${key, 'default'}`.
    Variable(Variable),
}

/// A policy variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The context key in lower case (V2).
    pub key: Box<str>,
    /// What stands in when the key has no value (V4).
    pub default: Option<Box<str>>,
}

/// What a variable stands for in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolved<'a> {
    /// This text; its characters are literal (V9).
    Value(&'a str),
    /// Nothing: the key is absent or empty (V3, V13); a default stands in (V4).
    NoValue,
    /// Nothing, and no default either: the key is multivalued (V8).
    Multivalued,
    /// The request does not say.
    Unknown,
}

/// A text with its variables substituted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Substituted<T> {
    /// All variables had values.
    Known(T),
    /// One had none: the text matches nothing (V3, V5).
    NoValue,
    /// One is unknown; `T` has "any text" in its place.
    Unknown(T),
}

impl Template {
    /// Reads a text. Without `variables` (a document whose version is not `2012-10-17`, V1) every
    /// `${` is literal.
    #[must_use]
    pub fn new(text: &str, variables: bool) -> Self {
        let pieces = if variables && text.contains("${") {
            pieces(text)
        } else {
            Vec::new()
        };
        Self {
            text: text.into(),
            pieces: pieces.into(),
        }
    }

    /// Returns the text as written.
    #[must_use]
    pub const fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether anything in the text is substituted.
    #[must_use]
    pub const fn has_variables(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// Returns the variables in text order.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(variable) => Some(variable),
            _ => None,
        })
    }

    /// Returns how many colons stand before the first variable; `None` without one.
    #[must_use]
    pub fn colons_before_variable(&self) -> Option<usize> {
        let mut colons = 0;
        for piece in &self.pieces {
            match piece {
                Piece::Variable(_) => return Some(colons),
                Piece::Text(text) => colons += text.bytes().filter(|byte| *byte == b':').count(),
                Piece::Escaped(_) => {}
            }
        }
        None
    }

    /// Returns the tokens of the text: wildcards where `wildcards`, everything else literal.
    pub fn tokens<'a>(
        &self,
        wildcards: bool,
        resolve: impl Fn(&Variable) -> Resolved<'a>,
    ) -> Substituted<Vec<Token>> {
        let mut tokens = Vec::with_capacity(self.text.len());
        let mut unknown = false;
        if self.pieces.is_empty() {
            push_text(&mut tokens, &self.text, wildcards);
        }
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => push_text(&mut tokens, text, wildcards),
                Piece::Escaped(character) => {
                    push_literal(&mut tokens, character.encode_utf8(&mut [0; 4]))
                }
                Piece::Variable(variable) => match value_of(variable, &resolve) {
                    Resolved::Value(value) if on("V9") => push_literal(&mut tokens, value),
                    Resolved::Value(value) => push_text(&mut tokens, value, wildcards),
                    Resolved::NoValue | Resolved::Multivalued => return Substituted::NoValue,
                    Resolved::Unknown => {
                        unknown = true;
                        tokens.push(Token::Any);
                    }
                },
            }
        }
        if unknown {
            Substituted::Unknown(tokens)
        } else {
            Substituted::Known(tokens)
        }
    }
}

/// Applies a variable's default (V4); a multivalued key never takes it, which `resolve` says by
/// answering for the key before the default is looked at.
fn value_of<'v, 'a: 'v>(
    variable: &'v Variable,
    resolve: &impl Fn(&Variable) -> Resolved<'a>,
) -> Resolved<'v> {
    match resolve(variable) {
        Resolved::NoValue if on("V4") => variable
            .default
            .as_deref()
            .map_or(Resolved::NoValue, Resolved::Value),
        other => other,
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let Some(length) = rest[at..].find('}') else {
            // V14: `${` without `}` is literal.
            if !on("V14") {
                pieces.push(Piece::Variable(variable(&rest[at + 2..])));
                rest = "";
            }
            break;
        };
        let inner = &rest[at + 2..at + length];
        plain.push_str(&rest[..at]);
        rest = &rest[at + length + 1..];
        if !plain.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut plain).into()));
        }
        pieces.push(match inner {
            "*" | "?" | "$" if on("V7") => Piece::Escaped(inner.chars().next().unwrap_or('$')),
            _ => Piece::Variable(variable(inner)),
        });
    }
    plain.push_str(rest);
    if !plain.is_empty() && !pieces.is_empty() {
        pieces.push(Piece::Text(plain.into()));
    }
    pieces
}

fn variable(inner: &str) -> Variable {
    let (key, default) = match inner.split_once(',') {
        Some((key, default)) => (key, Some(default.trim())),
        None => (inner, None),
    };
    // Q7: spaces and quotes around the default may be missing in practice.
    let default = default.map(|text| {
        text.strip_prefix('\'')
            .and_then(|text| text.strip_suffix('\''))
            .unwrap_or(text)
    });
    let key = key.trim();
    let key = if on("V2") {
        key.to_ascii_lowercase()
    } else {
        key.to_owned()
    };
    Variable {
        key: key.into(),
        default: default.map(Into::into),
    }
}

fn push_text(tokens: &mut Vec<Token>, text: &str, wildcards: bool) {
    tokens.extend(text.encode_utf16().map(|unit| match unit {
        0x2A if wildcards => Token::Any,
        0x3F if wildcards => Token::One,
        unit => Token::Unit(unit),
    }));
}

fn push_literal(tokens: &mut Vec<Token>, text: &str) {
    tokens.extend(text.encode_utf16().map(Token::Unit));
}

/// Confines the wildcards in the first five parts of an ARN pattern: one that ends its part stays
/// free to run on over colons (R5), every other one stays inside its part (R6).
pub fn confine_to_parts(tokens: &mut [Token]) {
    const COLON: Token = Token::Unit(b':' as u16);
    let mut colons = 0;
    for at in 0..tokens.len() {
        if colons >= 5 {
            break;
        }
        let ends_part = tokens.get(at + 1).is_none_or(|next| *next == COLON);
        match tokens[at] {
            COLON => colons += 1,
            Token::Any if (!ends_part && on("R6")) || (ends_part && !on("R5")) => {
                tokens[at] = Token::AnyInPart;
            }
            Token::One if on("R6") => tokens[at] = Token::OneInPart,
            _ => {}
        }
    }
}

/// Returns whether `confine_to_parts` would change any wildcard of this pattern text.
#[must_use]
pub fn is_confined(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut colons = 0;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b':' => colons += 1,
            b'?' => return true,
            b'*' if bytes.get(at + 1).is_some_and(|next| *next != b':') => return true,
            b'*' if !on("R5") => return true,
            _ => {}
        }
        if colons == 5 {
            return false;
        }
    }
    false
}

/// Returns whether tokens match a text.
#[must_use]
pub fn tokens_match(tokens: &[Token], text: &str) -> bool {
    let units: Vec<u16> = text.encode_utf16().collect();
    units_match(tokens, &units)
}

/// Returns whether tokens match UTF-16 units. Time is at most their product.
#[must_use]
pub fn units_match(tokens: &[Token], units: &[u16]) -> bool {
    if tokens.iter().any(|token| matches!(token, Token::AnyInPart)) {
        return states_match(tokens, units);
    }
    let is_star = |token| token == Token::Any;
    greedy_match(tokens, units, is_star, accepts)
}

/// The general matcher: the set of positions that a text can have reached.
fn states_match(tokens: &[Token], units: &[u16]) -> bool {
    let mut states = vec![false; tokens.len() + 1];
    states[0] = true;
    skip_empty(tokens, &mut states);
    for unit in units {
        let mut next = vec![false; tokens.len() + 1];
        for (at, token) in tokens.iter().enumerate().filter(|(at, _)| states[*at]) {
            match token {
                Token::Any => next[at] = true,
                Token::AnyInPart if *unit != u16::from(b':') => next[at] = true,
                Token::AnyInPart => {}
                token if accepts(*token, *unit) => next[at + 1] = true,
                _ => {}
            }
        }
        skip_empty(tokens, &mut next);
        states = next;
    }
    states[tokens.len()]
}

/// A star may also stand for nothing.
fn skip_empty(tokens: &[Token], states: &mut [bool]) {
    for (at, token) in tokens.iter().enumerate() {
        if states[at] && matches!(token, Token::Any | Token::AnyInPart) {
            states[at + 1] = true;
        }
    }
}

fn accepts(token: Token, unit: u16) -> bool {
    match token {
        Token::Unit(expected) => expected == unit,
        Token::One => true,
        Token::OneInPart => unit != u16::from(b':'),
        Token::Any | Token::AnyInPart => false,
    }
}

/// Returns whether a pattern with plain `*` and `?` matches a text.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    if pattern.contains('?') && !text.is_ascii() {
        let mut tokens = Vec::with_capacity(pattern.len());
        push_text(&mut tokens, pattern, true);
        if !on("C9") {
            // The naive reading: `?` is one character.
            return char_matches(pattern, text);
        }
        return tokens_match(&tokens, text);
    }
    bytes_match(pattern.as_bytes(), text.as_bytes(), |a, b| a == b)
}

/// Returns whether a pattern matches a text that is already in lower case; the pattern may have
/// any letter case (A1). Wildcards are plain.
#[must_use]
pub fn matches_folded(pattern: &str, lower_case_text: &str) -> bool {
    bytes_match(pattern.as_bytes(), lower_case_text.as_bytes(), |a, b| {
        a.to_ascii_lowercase() == b
    })
}

/// Returns whether a pattern with plain `*` and `?` matches a text, in any letter case of both.
#[must_use]
pub fn matches_in_any_case(pattern: &str, text: &str) -> bool {
    bytes_match(pattern.as_bytes(), text.as_bytes(), |a, b| {
        a.eq_ignore_ascii_case(&b)
    })
}

#[inline]
fn bytes_match(pattern: &[u8], text: &[u8], same: impl Fn(u8, u8) -> bool) -> bool {
    let accepts = |byte, other| byte == b'?' || same(byte, other);
    greedy_match(pattern, text, |byte| byte == b'*', accepts)
}

/// Matches with stars that are all free: only the last one seen ever has to take more.
#[inline]
fn greedy_match<P: Copy, T: Copy>(
    pattern: &[P],
    text: &[T],
    is_star: impl Fn(P) -> bool,
    accepts: impl Fn(P, T) -> bool,
) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while from < text.len() {
        match pattern.get(at) {
            Some(part) if is_star(*part) => {
                retry = Some((at, from));
                at += 1;
                continue;
            }
            Some(part) if accepts(*part, text[from]) => {
                at += 1;
                from += 1;
                continue;
            }
            _ => {}
        }
        let Some((star, start)) = retry else {
            return false;
        };
        retry = Some((star, start + 1));
        at = star + 1;
        from = start + 1;
    }
    pattern[at..].iter().all(|part| is_star(*part))
}

fn char_matches(pattern: &str, text: &str) -> bool {
    let as_unit = |character: char| u16::try_from(u32::from(character)).unwrap_or(u16::MAX);
    let tokens: Vec<Token> = pattern
        .chars()
        .map(|character| match character {
            '*' => Token::Any,
            '?' => Token::One,
            other => Token::Unit(as_unit(other)),
        })
        .collect();
    let units: Vec<u16> = text.chars().map(as_unit).collect();
    units_match(&tokens, &units)
}

/// Returns whether some text matches both patterns, their `*` and `?` being plain. Bytes are
/// compared by `same`, so that letter case can be left out of account.
#[must_use]
pub fn overlap(a: &str, b: &str, same: impl Fn(u8, u8) -> bool) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    // The literal starts settle most pairs without any table.
    let (mut start, shortest) = (0, a.len().min(b.len()));
    while start < shortest && !matches!(a[start], b'*' | b'?') && !matches!(b[start], b'*' | b'?') {
        if !same(a[start], b[start]) {
            return false;
        }
        start += 1;
    }
    let (a, b) = (&a[start..], &b[start..]);
    if a == b"*" || b == b"*" {
        return true;
    }
    // `row[j]`: the rest of `a` and the rest of `b` from `j` have a text in common.
    let mut row = vec![false; b.len() + 1];
    row[b.len()] = true;
    for j in (0..b.len()).rev() {
        row[j] = b[j] == b'*' && row[j + 1];
    }
    for byte in a.iter().rev() {
        let mut below = row[b.len()];
        row[b.len()] = *byte == b'*' && below;
        for j in (0..b.len()).rev() {
            let here = row[j];
            row[j] = match (*byte, b[j]) {
                (b'*', _) => here || row[j + 1],
                (_, b'*') => row[j + 1] || here,
                (b'?', _) | (_, b'?') => below,
                (x, y) => same(x, y) && below,
            };
            below = here;
        }
    }
    row[0]
}

/// Returns whether every text that `inner` matches is matched by `outer` too; wildcards are plain.
/// A wildcard of `inner` is only ever taken up by one that is as wide, so "no" may be wrong in
/// rare cases such as `*a` in `?*`; "yes" never is.
#[must_use]
pub fn includes(outer: &str, inner: &str, same: impl Fn(u8, u8) -> bool) -> bool {
    let accepts = |outer: u8, inner: u8| match (outer, inner) {
        (b'?', b'*') => false,
        (b'?', _) => true,
        (_, b'*' | b'?') => false,
        (outer, inner) => same(outer, inner),
    };
    greedy_match(
        outer.as_bytes(),
        inner.as_bytes(),
        |byte| byte == b'*',
        accepts,
    )
}

/// Returns whether a text has a wildcard.
#[must_use]
pub fn has_wildcard(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'*' | b'?'))
}
