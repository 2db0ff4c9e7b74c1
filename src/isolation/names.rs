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
    let mut known: Vec<Cell> = Vec::new();
    for arn in candidates(base, globs, words) {
        let truth: Vec<bool> = globs.iter().map(|glob| glob.matches(&arn)).collect();
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
    let mut complete = true;
    let mut prefixes: Vec<Vec<bool>> = vec![Vec::new()];
    for length in 1..=globs.len() {
        let mut next = Vec::new();
        for prefix in &prefixes {
            for value in [true, false] {
                let mut longer = prefix.clone();
                longer.push(value);
                if known.iter().any(|cell| cell.truth[..length] == longer) {
                    next.push(longer);
                    continue;
                }
                match example(base, &globs[..length], &longer) {
                    Walk::Found(arn) => {
                        let truth = globs.iter().map(|glob| glob.matches(&arn)).collect();
                        known.push(Cell {
                            arn,
                            second: None,
                            truth,
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

/// Returns whether a pattern can match an ARN that begins so, and tells apart any that do.
#[must_use]
pub(super) fn may_begin(glob: &Glob, base: &str) -> bool {
    let globs = std::slice::from_ref(glob);
    let mut states: States = vec![start(&glob.tokens)];
    for unit in base.encode_utf16() {
        states = step(globs, &states, unit);
    }
    states[0].iter().any(|word| *word != 0)
}

enum Walk {
    Found(String),
    Nothing,
    GivenUp,
}

/// Where each automaton can be, as bits.
type States = Vec<Vec<u64>>;

/// Walks from the base over every letter that makes a difference to an ARN that matches exactly the
/// patterns that `wanted` says.
fn example(base: &str, globs: &[Glob], wanted: &[bool]) -> Walk {
    let mut states: States = globs.iter().map(|glob| start(&glob.tokens)).collect();
    for unit in base.encode_utf16() {
        states = step(globs, &states, unit);
    }
    let letters = letters(globs);
    let mut seen = HashSet::from([states.clone()]);
    let mut queue = VecDeque::from([(states, String::new())]);
    while let Some((states, name)) = queue.pop_front() {
        let matched = |at: usize| has(&states[at], globs[at].tokens.len());
        let ends = !name.is_empty() && !name.ends_with('/');
        if ends && (0..globs.len()).all(|at| matched(at) == wanted[at]) {
            return Walk::Found(format!("{base}{name}"));
        }
        for letter in &letters {
            let next = step(globs, &states, u16::from(*letter));
            let dead = |at: usize| wanted[at] && next[at].iter().all(|word| *word == 0);
            if (0..globs.len()).any(dead) || !seen.insert(next.clone()) {
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
fn letters(globs: &[Glob]) -> Vec<u8> {
    let named = globs.iter().flat_map(|glob| &glob.tokens);
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

fn start(tokens: &[Token]) -> Vec<u64> {
    let mut bits = vec![0; tokens.len() / 64 + 1];
    put(&mut bits, tokens, 0);
    bits
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

fn step(globs: &[Glob], states: &States, unit: u16) -> States {
    const COLON: u16 = b':' as u16;
    let one = |glob: &Glob, bits: &Vec<u64>| {
        let mut next = vec![0; bits.len()];
        for (at, token) in glob.tokens.iter().enumerate() {
            if !has(bits, at) {
                continue;
            }
            match token {
                Token::Any => put(&mut next, &glob.tokens, at),
                Token::AnyInPart if unit != COLON => put(&mut next, &glob.tokens, at),
                Token::One => put(&mut next, &glob.tokens, at + 1),
                Token::OneInPart if unit != COLON => put(&mut next, &glob.tokens, at + 1),
                Token::Unit(expected) if *expected == unit => put(&mut next, &glob.tokens, at + 1),
                _ => {}
            }
        }
        next
    };
    globs
        .iter()
        .zip(states)
        .map(|(glob, bits)| one(glob, bits))
        .collect()
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
