//! Names that policies tell apart: one ARN for every way in which patterns can and cannot match.
//!
//! Two objects whose ARNs match the same patterns are the same to every policy, so a finite number
//! of them stands for all. [`cells`] finds one for each combination that exists, by walking the
//! product of the patterns' automata; a bounded walk that ends early says so.

use std::collections::{HashSet, VecDeque};

use crate::pattern::{self, Resolved, Substituted, Template, Token};

/// One combination of patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// An ARN of it.
    pub(super) arn: String,
    /// Another one, where the words gave one.
    pub(super) second: Option<String>,
    /// Which of the patterns match, in their order.
    pub(super) truth: Vec<bool>,
}

/// The cells of one kind of object.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells {
    /// One for each combination.
    pub(super) cells: Vec<Cell>,
    /// Whether every combination was looked at.
    pub(super) complete: bool,
}

/// A pattern prepared for matching.
#[derive(Clone, Debug)]
pub(super) struct Glob {
    tokens: Vec<Token>,
    /// As written.
    pub(super) text: String,
}

impl Glob {
    /// Reads a resource pattern; a policy variable stands for any text.
    #[must_use]
    pub(super) fn new(text: &str) -> Self {
        let template = Template::new(text, true);
        let tokens = match template.tokens(true, |_| Resolved::Unknown) {
            Substituted::Known(tokens) | Substituted::Unknown(tokens) => tokens,
            Substituted::NoValue => Vec::new(),
        };
        let mut tokens = tokens;
        // R13: missing parts of a short ARN stand for anything.
        let colons = text.bytes().filter(|byte| *byte == b':').count();
        if text.starts_with("arn:") && colons < 5 {
            tokens.push(Token::Any);
        }
        pattern::confine_to_parts(&mut tokens);
        Self {
            tokens,
            text: text.to_owned(),
        }
    }

    /// Returns whether the pattern matches a text.
    #[must_use]
    pub(super) fn matches(&self, text: &str) -> bool {
        pattern::tokens_match(&self.tokens, text)
    }

    /// Returns whether the pattern is one name and no other.
    #[must_use]
    pub(super) fn is_literal(&self) -> bool {
        self.tokens.iter().all(|it| matches!(it, Token::Unit(_)))
    }
}

/// Limits of one walk.
const MAX_STATES: usize = 4_000;
const MAX_CELLS: usize = 64;

/// Returns one ARN, `base` and a name, for each combination of the patterns. `words` are names that
/// read well and are tried first, in the place of a pattern's wildcards too.
#[must_use]
pub(super) fn cells(base: &str, globs: &[Glob], words: &[&str]) -> Cells {
    let truth_of =
        |arn: &str| -> Vec<bool> { globs.iter().map(|glob| glob.matches(arn)).collect() };
    let mut known: Vec<Cell> = Vec::new();
    for arn in candidates(base, globs, words) {
        let truth = truth_of(&arn);
        match known.iter_mut().find(|cell| cell.truth == truth) {
            Some(cell) if cell.arn != arn => cell.second = cell.second.take().or(Some(arn)),
            Some(_) => {}
            None => known.push(Cell {
                arn,
                second: None,
                truth,
            }),
        }
    }
    // What is left of each pattern behind the base; equal rests are one, and a single name takes
    // nothing from any other combination.
    let mut rests: Vec<Rest> = Vec::new();
    for glob in globs.iter().filter(|it| !it.is_literal()) {
        let rest = Rest::new(&glob.tokens, base);
        if !rest.is_trivial() && !rests.contains(&rest) {
            rests.push(rest);
        }
    }
    let sees = |arn: &str| -> Vec<bool> {
        let name = &arn[base.len()..];
        rests.iter().map(|rest| rest.matches(name)).collect()
    };
    // An object of a name of its own stands for no other.
    let is_single = |arn: &str| globs.iter().any(|it| it.is_literal() && it.matches(arn));
    let mut seen: Vec<Vec<bool>> = known
        .iter()
        .filter(|cell| !is_single(&cell.arn))
        .map(|cell| sees(&cell.arn))
        .collect();
    let mut complete = true;
    let mut prefixes: Vec<Vec<bool>> = vec![Vec::new()];
    for length in 1..=rests.len() {
        let mut next = Vec::new();
        for prefix in &prefixes {
            for value in [true, false] {
                let mut longer = prefix.clone();
                longer.push(value);
                if seen.iter().any(|truth| truth[..length] == longer) {
                    next.push(longer);
                    continue;
                }
                match example(&rests[..length], &longer) {
                    Walk::Found(name) => {
                        let arn = format!("{base}{name}");
                        seen.push(sees(&arn));
                        known.push(Cell {
                            truth: truth_of(&arn),
                            arn,
                            second: None,
                        });
                        next.push(longer);
                    }
                    Walk::Nothing => {}
                    Walk::GivenUp => complete = false,
                }
            }
            if next.len() > MAX_CELLS {
                complete = false;
                break;
            }
        }
        prefixes = next;
    }
    Cells {
        cells: known,
        complete,
    }
}

/// Names that are likely to be of different cells: the words alone, and in each pattern's place.
fn candidates(base: &str, globs: &[Glob], words: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = words.iter().map(|word| format!("{base}{word}")).collect();
    for glob in globs {
        for word in words {
            let filled = fill(&glob.text, word);
            // What comes before the name is the base's, whatever the pattern leaves open there.
            let name = filled.split_once('/').map_or("", |(_, name)| name);
            all.push(format!("{base}{name}"));
        }
    }
    let is_name = |arn: &String| arn.len() > base.len() && !arn.ends_with('/');
    all.retain(|arn| is_name(arn) && arn[base.len()..].chars().all(is_name_letter));
    all
}

/// A pattern with a word for each run of wildcards and each variable.
#[must_use]
pub(super) fn fill(pattern: &str, word: &str) -> String {
    let mut filled = String::new();
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        if let Some(end) = rest.starts_with("${").then(|| rest.find('}')).flatten() {
            filled.push_str(word);
            rest = &rest[end + 1..];
        } else {
            match letter {
                '*' => filled.push_str(word),
                '?' => filled.push('x'),
                other => filled.push(other),
            }
            rest = &rest[letter.len_utf8()..];
        }
    }
    filled
}

/// IAM User Guide, "IAM and AWS STS quotas": names and paths.
fn is_name_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "+=,.@_-/".contains(letter)
}

/// Returns whether a pattern can match an ARN that begins so.
#[must_use]
pub(super) fn may_begin(glob: &Glob, base: &str) -> bool {
    !Rest::new(&glob.tokens, base).is_empty()
}

enum Walk {
    Found(String),
    Nothing,
    GivenUp,
}

/// What a pattern asks of a name, once what comes before it has matched.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rest {
    tokens: Vec<Token>,
    /// Where the automaton can be at first.
    start: Vec<u64>,
}

impl Rest {
    fn new(tokens: &[Token], base: &str) -> Self {
        let mut bits = vec![0; tokens.len() / 64 + 1];
        put(&mut bits, tokens, 0);
        for unit in base.encode_utf16() {
            bits = step(tokens, &bits, unit);
        }
        // A place from which names never come to the end is none. What stands before the first
        // useful place is of no more use.
        let spells = |token: &Token| match token {
            Token::Unit(unit) => u8::try_from(*unit).is_ok_and(|it| is_name_letter(it.into())),
            _ => true,
        };
        let first = tokens
            .iter()
            .rposition(|it| !spells(it))
            .map_or(0, |at| at + 1);
        let live = (first..=tokens.len()).find(|at| has(&bits, *at));
        let Some(live) = live else {
            return Self {
                tokens: Vec::new(),
                start: vec![0],
            };
        };
        let tokens = tokens[live..].to_vec();
        let mut start = vec![0; tokens.len() / 64 + 1];
        for at in 0..=tokens.len() {
            if has(&bits, live + at) {
                start[at / 64] |= 1 << (at % 64);
            }
        }
        Self { tokens, start }
    }

    fn is_empty(&self) -> bool {
        self.start.iter().all(|word| *word == 0)
    }

    /// Whether it matches no name, or every name.
    fn is_trivial(&self) -> bool {
        let all = self
            .tokens
            .iter()
            .rposition(|it| !matches!(it, Token::Any | Token::AnyInPart));
        let loops = all.map_or(0, |at| at + 1);
        self.is_empty() || loops < self.tokens.len() && has(&self.start, loops)
    }

    fn matches(&self, name: &str) -> bool {
        let mut bits = self.start.clone();
        for unit in name.encode_utf16() {
            bits = step(&self.tokens, &bits, unit);
        }
        has(&bits, self.tokens.len())
    }
}

/// Where each automaton can be, as bits.
type States = Vec<Vec<u64>>;

/// Walks over every letter that makes a difference to a name that matches exactly the patterns that
/// `wanted` says.
fn example(rests: &[Rest], wanted: &[bool]) -> Walk {
    let states: States = rests.iter().map(|it| it.start.clone()).collect();
    let letters = letters(rests);
    let mut seen = HashSet::from([states.clone()]);
    let mut queue = VecDeque::from([(states, String::new())]);
    while let Some((states, name)) = queue.pop_front() {
        let matched = |at: usize| has(&states[at], rests[at].tokens.len());
        let ends = !name.is_empty() && !name.ends_with('/');
        if ends && (0..rests.len()).all(|at| matched(at) == wanted[at]) {
            return Walk::Found(name);
        }
        for letter in &letters {
            let unit = u16::from(*letter);
            let next: States = rests
                .iter()
                .zip(&states)
                .map(|(rest, bits)| step(&rest.tokens, bits, unit))
                .collect();
            let dead = |at: usize| wanted[at] && next[at].iter().all(|word| *word == 0);
            if (0..rests.len()).any(dead) || !seen.insert(next.clone()) {
                continue;
            }
            if seen.len() > MAX_STATES {
                return Walk::GivenUp;
            }
            let mut longer = name.clone();
            longer.push(char::from(*letter));
            queue.push_back((next, longer));
        }
    }
    Walk::Nothing
}

/// The letters that patterns name, and one that stands for all others.
fn letters(rests: &[Rest]) -> Vec<u8> {
    let named = rests.iter().flat_map(|it| &it.tokens);
    let mut letters: Vec<u8> = named
        .filter_map(|token| match token {
            Token::Unit(unit) => u8::try_from(*unit).ok(),
            _ => None,
        })
        .filter(|byte| is_name_letter(char::from(*byte)))
        .collect();
    let other = (b'a'..=b'z')
        .chain(b'A'..=b'Z')
        .chain(b'0'..=b'9')
        .find(|it| !letters.contains(it));
    letters.extend(other);
    letters.sort_unstable();
    letters.dedup();
    letters
}

/// Adds a position, and those that a star lets pass to.
fn put(bits: &mut [u64], tokens: &[Token], mut at: usize) {
    loop {
        bits[at / 64] |= 1 << (at % 64);
        match tokens.get(at) {
            Some(Token::Any | Token::AnyInPart) => at += 1,
            _ => return,
        }
    }
}

fn has(bits: &[u64], at: usize) -> bool {
    bits[at / 64] & (1 << (at % 64)) != 0
}

fn step(tokens: &[Token], bits: &[u64], unit: u16) -> Vec<u64> {
    const COLON: u16 = b':' as u16;
    let mut next = vec![0; bits.len()];
    for (word, mask) in bits.iter().enumerate() {
        let mut mask = *mask;
        while mask != 0 {
            let at = word * 64 + mask.trailing_zeros() as usize;
            mask &= mask - 1;
            match tokens.get(at) {
                Some(Token::Any) => put(&mut next, tokens, at),
                Some(Token::AnyInPart) if unit != COLON => put(&mut next, tokens, at),
                Some(Token::One) => put(&mut next, tokens, at + 1),
                Some(Token::OneInPart) if unit != COLON => put(&mut next, tokens, at + 1),
                Some(Token::Unit(expected)) if *expected == unit => put(&mut next, tokens, at + 1),
                _ => {}
            }
        }
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "arn:aws:iam::111122223333:role/";

    fn truths(patterns: &[&str]) -> Vec<Vec<bool>> {
        let globs: Vec<Glob> = patterns.iter().map(|it| Glob::new(it)).collect();
        let found = cells(BASE, &globs, &["customer-admin"]);
        assert!(found.complete);
        for cell in &found.cells {
            for (glob, truth) in globs.iter().zip(&cell.truth) {
                assert_eq!(glob.matches(&cell.arn), *truth, "{cell:?}");
            }
        }
        let mut truths: Vec<_> = found.cells.into_iter().map(|it| it.truth).collect();
        truths.sort();
        truths
    }

    #[test]
    fn every_combination_has_an_arn() {
        let nested = truths(&["arn:aws:iam::*:role/vendor-*", "arn:aws:iam::*:role/*"]);
        assert_eq!(nested, [[false, true], [true, true]]);
        // Neither pattern is part of the other, and some names match both.
        let crossing = truths(&["arn:aws:iam::*:role/vendor-*", "arn:aws:iam::*:role/*-node"]);
        assert_eq!(crossing.len(), 4);
        let apart = truths(&["arn:aws:iam::*:role/a/*", "arn:aws:iam::*:role/b/*"]);
        assert_eq!(apart.len(), 3);
        let single = truths(&["arn:aws:iam::111122223333:role/one", "*"]);
        assert_eq!(single, [[false, true], [true, true]]);
        let foreign = truths(&["arn:aws:iam::999999999999:role/*"]);
        assert_eq!(foreign, [[false]]);
    }

    #[test]
    fn variables_and_question_marks_stand_for_text() {
        assert_eq!(fill("role/${aws:username}-?*", "me"), "role/me-xme");
        assert!(Glob::new("arn:aws:iam::*:role/${aws:username}").matches(&format!("{BASE}x")));
        assert!(Glob::new("arn:aws:iam").matches("arn:aws:iam::1:role/x"));
    }
}
