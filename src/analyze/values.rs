//! The cells of a condition key: values of which every condition in play says the same, with one
//! value for each. What a condition says of a cell is `evaluate`'s answer for that value, so its
//! rules are not written twice.

use super::automaton::{Combination, OverBudget};
use super::bits::Bits;
use super::language::{Language, Letter, Pattern, glob, text_of};
use super::memo::Memo;
use super::template::Reading;
use crate::pattern::Token;
use crate::policy::operand::{Address, Decimal, Network, date_text};
use crate::policy::{Condition, ConditionValue, Operand, Test};

/// How the values of a key compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scale {
    Text,
    Number,
    Date,
    Address,
}

impl Scale {
    /// Returns the scale of an operator; none for `Null`, which fits all.
    pub(super) const fn of(test: Test) -> Option<Self> {
        match test {
            Test::StringEquals
            | Test::StringEqualsIgnoreCase
            | Test::StringLike
            | Test::Arn
            | Test::Bool
            | Test::Binary => Some(Self::Text),
            Test::Numeric(_) => Some(Self::Number),
            Test::Date(_) => Some(Self::Date),
            Test::IpAddress => Some(Self::Address),
            Test::Null => None,
        }
    }
}

/// One cell of the values of a key.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) text: String,
    /// The languages that have it, in the order in which they were asked for; empty where the
    /// scale is no text.
    pub(super) languages: Bits,
}

/// C22: the first five parts of an ARN match one by one.
pub(super) fn in_parts(tokens: &[Token]) -> Pattern {
    if tokens == [Token::Any] {
        return Box::new([Letter::Any]);
    }
    let mut colons = 0;
    let letter = |token: &Token| {
        if *token == Token::Unit(u16::from(b':')) {
            colons += 1;
        }
        match token {
            Token::Any if colons < 5 => Letter::AnyInPart,
            Token::One if colons < 5 => Letter::OneInPart,
            token => Letter::from(*token),
        }
    };
    tokens.iter().map(letter).collect()
}

/// C7: texts whose lower case is that of these letters.
pub(super) fn either_case(tokens: &[Token]) -> Pattern {
    let letter = |token: &Token| match token {
        Token::Unit(unit) => choice(*unit),
        token => Letter::from(*token),
    };
    tokens.iter().map(letter).collect()
}

fn choice(unit: u16) -> Letter {
    let Some(character) = char::from_u32(u32::from(unit)) else {
        return Letter::Unit(unit);
    };
    let Some(lower) = only(character.to_lowercase()) else {
        return Letter::Unit(unit);
    };
    let upper = only(lower.to_uppercase()).filter(|it| only(it.to_lowercase()) == Some(lower));
    let as_unit = |it: char| u16::try_from(u32::from(it)).unwrap_or(unit);
    // Signs whose lower case is a letter of the alphabet: Kelvin, Angstrom, Ohm.
    let sign = match lower {
        'k' => '\u{212A}',
        'å' => '\u{212B}',
        'ω' => '\u{2126}',
        'ß' => 'ẞ',
        other => other,
    };
    let upper = upper.unwrap_or(lower);
    if upper == lower && sign == lower {
        return Letter::Unit(as_unit(lower));
    }
    Letter::Choice([as_unit(lower), as_unit(upper), as_unit(sign)])
}

fn only(mut characters: impl Iterator<Item = char>) -> Option<char> {
    characters.next().filter(|_| characters.next().is_none())
}

/// Whether the letter case of a text depends on more than one letter at a time (C7): a sigma, or
/// letters whose other case is longer.
pub(super) fn has_odd_case(text: &str) -> bool {
    text.chars().any(|it| {
        matches!(it, 'σ' | 'ς' | 'Σ' | '\u{307}' | 'İ')
            || u32::from(it) > 0xFFFF && (it.is_lowercase() || it.is_uppercase())
            || it.to_lowercase().count() > 1
    })
}

/// Every text that is an ARN (C24).
pub(super) fn valid_arn() -> Language {
    Language::one(glob("arn:*:*:*:*:*"))
}

/// The texts that `Bool` takes for true (C14).
fn truth() -> Language {
    let tokens: Vec<Token> = "true".encode_utf16().map(Token::Unit).collect();
    Language::one(either_case(&tokens))
}

/// What has to be told apart for a key.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) languages: Vec<Language>,
    numbers: Vec<Decimal>,
    dates: Vec<i64>,
    networks: Vec<Network>,
    /// Whether values may be malformed for the key's scale.
    pub(super) malformed: bool,
}

impl Wanted {
    /// Adds what a condition whose variables are all settled tells apart.
    pub(super) fn add(
        &mut self,
        condition: &Condition,
        test: Test,
        read: &impl Fn(&ConditionValue, Test) -> Reading,
    ) {
        let mut union = Language::default();
        for value in &condition.values {
            match &value.operand {
                Operand::Number(Some(number)) => self.numbers.push(number.clone()),
                Operand::Date(Some(date)) => self.dates.push(*date),
                Operand::Network(Some(network)) => self.networks.push(*network),
                Operand::Truth(_) if test == Test::Bool => union = truth(),
                Operand::Text | Operand::Binary(_) => {
                    if let Reading::Plain(patterns) = read(value, test) {
                        if test == Test::Arn {
                            // The order of an ARN list can matter (C25).
                            let each = patterns.into_iter().map(Language::one);
                            self.languages.extend(each);
                        } else {
                            union.patterns.extend(patterns);
                        }
                    }
                }
                _ => {}
            }
        }
        if test == Test::Arn {
            self.languages.push(valid_arn());
        }
        if !union.patterns.is_empty() {
            self.languages.push(union);
        }
    }

    /// Adds a language by itself and returns its place.
    pub(super) fn language(&mut self, language: Language) -> usize {
        match self.languages.iter().position(|it| *it == language) {
            Some(at) => at,
            None => {
                self.languages.push(language);
                self.languages.len() - 1
            }
        }
    }

    /// Returns the cells.
    pub(super) fn cells(
        &self,
        scale: Scale,
        memo: &Memo,
        budget: usize,
    ) -> Result<Vec<Value>, OverBudget> {
        let plain = |text: String| Value {
            text,
            languages: Bits::none(self.languages.len()),
        };
        let mut values: Vec<Value> = match scale {
            Scale::Text => {
                let found = memo.cells(&self.languages, budget)?;
                let value = |cell: &Combination| Value {
                    text: text_of(&cell.word),
                    languages: cell.vector.clone(),
                };
                return Ok(found.iter().map(value).collect());
            }
            Scale::Number => number_cells(&self.numbers).into_iter().map(plain).collect(),
            Scale::Date => date_cells(&self.dates).into_iter().map(plain).collect(),
            Scale::Address => address_cells(&self.networks)
                .into_iter()
                .map(plain)
                .collect(),
        };
        if self.malformed {
            values.push(plain("malformed".to_owned()));
        }
        Ok(values)
    }
}

/// Points and the gaps between them; decimals are dense.
fn number_cells(numbers: &[Decimal]) -> Vec<String> {
    let mut points = numbers.to_vec();
    points.sort();
    points.dedup();
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return vec!["1".to_owned()];
    };
    let mut texts = vec![first.below()];
    for (at, point) in points.iter().enumerate() {
        texts.push(point.to_string());
        if let Some(next) = points.get(at + 1) {
            texts.push(point.between(next));
        }
    }
    texts.push(last.above());
    texts
}

/// Points and gaps on a grid of milliseconds.
fn date_cells(dates: &[i64]) -> Vec<String> {
    let mut points = dates.to_vec();
    points.sort_unstable();
    points.dedup();
    let mut texts = Vec::new();
    match points.first() {
        None => texts.push(date_text(1_780_000_000_000)),
        Some(first) => texts.push(date_text(first.saturating_sub(1000))),
    }
    for (at, point) in points.iter().enumerate() {
        texts.push(date_text(*point));
        let after = point.saturating_add(1000);
        match points.get(at + 1) {
            Some(next) if after < *next => texts.push(date_text(after)),
            Some(next) if point + 1 < *next => texts.push(date_text(point + 1)),
            Some(_) => {}
            None => texts.push(date_text(after)),
        }
    }
    texts
}

/// Runs of addresses between the ends of networks, of both families.
fn address_cells(networks: &[Network]) -> Vec<String> {
    let (mut v4, mut v6) = (vec![0_u64], vec![0_u128]);
    for network in networks {
        match *network {
            Network::V4(bits, length) => {
                let size = 1_u64 << (32 - length);
                let start = u64::from(bits) & !(size - 1);
                v4.extend([start, start + size]);
            }
            Network::V6(bits, length) => {
                let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
                // C19: host bits match nothing.
                if bits & !mask == 0 {
                    v6.push(bits);
                    v6.extend((bits | !mask).checked_add(1));
                }
            }
        }
    }
    // C20: these are IPv4 addresses written otherwise.
    v6.extend([0xFFFF_0000_0000, 0x1_0000_0000_0000]);
    v4.sort_unstable();
    v4.dedup();
    v6.sort_unstable();
    v6.dedup();
    let v4 = v4.into_iter().filter_map(|it| u32::try_from(it).ok());
    let v4 = v4.map(|it| std::net::Ipv4Addr::from_bits(it).to_string());
    let v6 = v6.into_iter().filter(|it| it >> 32 != 0xFFFF);
    let v6 = v6.map(|it| std::net::Ipv6Addr::from_bits(it).to_string());
    let texts = v4.chain(v6);
    texts.filter(|it| Address::parse(it).is_some()).collect()
}
