//! Sets of texts: unions of patterns over UTF-16 units.
//!
//! A pattern here is what `policy` reads in a `Resource` or a condition value, with two additions:
//! letters of either case, and a policy variable as two letters of its own, the first unit of its
//! value and the rest, of which only a `*` may swallow the second, because it has any length and
//! may hold any character. A variable that matches has a value that is not empty (V13).

use smallvec::SmallVec;

use crate::pattern::Token;

/// One position of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Letter {
    /// This unit.
    Unit(u16),
    /// One of these units.
    Choice([u16; 3]),
    /// A digit.
    Digit,
    /// Part of the value of a policy variable: its first unit where the number is even, and
    /// what follows, which may be nothing, where it is odd.
    Variable(u16),
    /// `*`
    Any,
    /// `?`
    One,
    /// `*` that stays inside its part of an ARN.
    AnyInPart,
    /// `?` that does.
    OneInPart,
}

/// One letter of a text: a unit, or above them a policy variable.
pub(super) type Symbol = u32;

/// Even, so that a first unit is an even symbol.
const FIRST_VARIABLE: Symbol = 0x1_0000;
pub(super) const COLON: Symbol = b':' as Symbol;

impl Letter {
    pub(super) const fn is_star(self) -> bool {
        matches!(self, Self::Any | Self::AnyInPart)
    }

    /// Whether a position takes this symbol; for stars: whether they may go on over it.
    pub(super) fn takes(self, symbol: Symbol) -> bool {
        match self {
            Self::Unit(unit) => symbol == Symbol::from(unit),
            Self::Choice(units) => units.iter().any(|unit| symbol == Symbol::from(*unit)),
            Self::Digit => (0x30..=0x39).contains(&symbol),
            Self::Variable(variable) => symbol == FIRST_VARIABLE + Symbol::from(variable),
            Self::Any => true,
            Self::One => symbol < FIRST_VARIABLE || symbol.is_multiple_of(2),
            Self::AnyInPart | Self::OneInPart => symbol < FIRST_VARIABLE && symbol != COLON,
        }
    }

    /// Whether everything that `other` stands for at one position is taken here.
    const fn includes(self, other: Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::AnyInPart, Self::Any | Self::One | Self::Variable(_)) => false,
            (Self::AnyInPart | Self::OneInPart, Self::Unit(unit)) => unit != b':' as u16,
            (Self::AnyInPart, _) => true,
            (Self::OneInPart, Self::OneInPart | Self::Digit | Self::Choice(_)) => true,
            (Self::One, Self::Variable(part)) => part.is_multiple_of(2),
            (
                Self::One,
                Self::Unit(_) | Self::Choice(_) | Self::Digit | Self::One | Self::OneInPart,
            ) => true,
            (Self::Unit(a), Self::Unit(b)) => a == b,
            (Self::Digit, Self::Digit) => true,
            (Self::Digit, Self::Unit(unit)) => unit >= 0x30 && unit <= 0x39,
            (Self::Choice(a), Self::Unit(b)) => a[0] == b || a[1] == b || a[2] == b,
            (Self::Choice(a), Self::Choice(b)) => a[0] == b[0] && a[1] == b[1] && a[2] == b[2],
            (Self::Variable(a), Self::Variable(b)) => a == b,
            _ => false,
        }
    }
}

/// One pattern.
pub(super) type Pattern = Box<[Letter]>;

/// A union of patterns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Language {
    pub(super) patterns: Vec<Pattern>,
}

impl From<Token> for Letter {
    fn from(token: Token) -> Self {
        match token {
            Token::Unit(unit) => Self::Unit(unit),
            Token::Any => Self::Any,
            Token::One => Self::One,
            Token::AnyInPart => Self::AnyInPart,
            Token::OneInPart => Self::OneInPart,
        }
    }
}

/// Returns the letters of a text without wildcards.
pub(super) fn literal(text: &str) -> Pattern {
    text.encode_utf16().map(Letter::Unit).collect()
}

/// Returns the letters of a text with plain `*` and `?`.
pub(super) fn glob(text: &str) -> Pattern {
    text.encode_utf16()
        .map(|unit| match unit {
            0x2A => Letter::Any,
            0x3F => Letter::One,
            unit => Letter::Unit(unit),
        })
        .collect()
}

/// What a pattern looks like, for the cheap ways to compare them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// One text.
    Literal,
    /// A text and then anything.
    Prefix,
    /// Anything else.
    General,
}

pub(super) fn look(pattern: &[Letter]) -> Look {
    let plain = |letters: &[Letter]| letters.iter().all(|it| matches!(it, Letter::Unit(_)));
    match pattern.split_last() {
        Some((Letter::Any, start)) if plain(start) => Look::Prefix,
        _ if plain(pattern) => Look::Literal,
        _ => Look::General,
    }
}

impl Language {
    pub(super) fn one(pattern: Pattern) -> Self {
        Self {
            patterns: vec![pattern],
        }
    }

    pub(super) fn has(&self, word: &[Symbol]) -> bool {
        self.patterns.iter().any(|it| matches(it, word))
    }
}

/// Returns whether a pattern matches a word.
pub(super) fn matches(pattern: &[Letter], word: &[Symbol]) -> bool {
    // Most patterns differ from a word long before their first star.
    let mut start = 0;
    while let Some(letter) = pattern.get(start).filter(|it| !it.is_star()) {
        if !word.get(start).is_some_and(|it| letter.takes(*it)) {
            return false;
        }
        start += 1;
    }
    let (pattern, word) = (&pattern[start..], &word[start..]);
    if pattern.iter().any(|it| matches!(it, Letter::AnyInPart)) {
        return walk(pattern, word, Letter::takes);
    }
    let (mut at, mut from) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while from < word.len() {
        match pattern.get(at) {
            Some(Letter::Any) => {
                retry = Some((at, from));
                at += 1;
                continue;
            }
            Some(letter) if letter.takes(word[from]) => {
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
    pattern[at..].iter().all(|it| it.is_star())
}

/// Walks a pattern along letters, whichever of its stars takes them; it has to end with them.
fn walk<T: Copy>(pattern: &[Letter], letters: &[T], takes: impl Fn(Letter, T) -> bool) -> bool {
    let mut reached: SmallVec<[usize; 16]> = SmallVec::new();
    let mut next: SmallVec<[usize; 16]> = SmallVec::new();
    reach(pattern, 0, &mut reached);
    for letter in letters {
        next.clear();
        for at in &reached {
            match pattern.get(*at) {
                Some(own) if takes(*own, *letter) => {
                    let then = if own.is_star() { *at } else { *at + 1 };
                    reach(pattern, then, &mut next);
                }
                _ => {}
            }
        }
        std::mem::swap(&mut reached, &mut next);
        if reached.is_empty() {
            return false;
        }
    }
    reached.contains(&pattern.len())
}

/// Adds a position, and those behind its stars.
fn reach(pattern: &[Letter], mut at: usize, reached: &mut SmallVec<[usize; 16]>) {
    while !reached.contains(&at) {
        reached.push(at);
        if !pattern.get(at).is_some_and(|it| it.is_star()) {
            return;
        }
        at += 1;
    }
}

/// Returns whether every text of `inner` is one of `outer`, as far as the two patterns alone show
/// it: the wildcards of `inner` are read as letters that only wildcards at least as wide take.
pub(super) fn includes(outer: &[Letter], inner: &[Letter]) -> bool {
    let mut start = 0;
    while let Some(letter) = outer.get(start).filter(|it| !it.is_star()) {
        if !inner.get(start).is_some_and(|it| letter.includes(*it)) {
            return false;
        }
        start += 1;
    }
    let (outer, inner) = (&outer[start..], &inner[start..]);
    if outer.iter().any(|it| matches!(it, Letter::AnyInPart)) {
        return walk(outer, inner, Letter::includes);
    }
    let (mut at, mut from) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while from < inner.len() {
        match outer.get(at) {
            Some(Letter::Any) => {
                retry = Some((at, from));
                at += 1;
                continue;
            }
            Some(letter) if letter.includes(inner[from]) => {
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
    outer[at..].iter().all(|it| it.is_star())
}

/// Returns whether two patterns share no text because they start or end differently.
pub(super) fn are_apart(a: &[Letter], b: &[Letter]) -> bool {
    let differ = |(a, b): (&Letter, &Letter)| match (a, b) {
        (Letter::Unit(a), Letter::Unit(b)) => (a != b, true),
        (
            Letter::Unit(_) | Letter::One | Letter::OneInPart,
            Letter::Unit(_) | Letter::One | Letter::OneInPart,
        ) => (false, true),
        _ => (false, false),
    };
    let apart = |mut pairs: &mut dyn Iterator<Item = (bool, bool)>| {
        for (differs, goes_on) in &mut pairs {
            if differs {
                return true;
            }
            if !goes_on {
                return false;
            }
        }
        false
    };
    apart(&mut a.iter().zip(b).map(differ))
        || apart(&mut a.iter().rev().zip(b.iter().rev()).map(differ))
}

/// Returns a word as text; half of a surrogate pair becomes a letter that is not one.
pub(super) fn text_of(word: &[Symbol]) -> String {
    let units = word
        .iter()
        .map(|symbol| u16::try_from(*symbol).unwrap_or(0x2A));
    char::decode_utf16(units)
        .map(|unit| unit.unwrap_or('\u{FFFD}'))
        .collect()
}

/// Returns the symbols of a text.
pub(super) fn word_of(text: &str) -> Vec<Symbol> {
    text.encode_utf16().map(Symbol::from).collect()
}
