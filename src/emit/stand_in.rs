//! Finds the stand-ins for a profile's variables in the texts of a bundle, exactly.
//!
//! A bundle with stand-ins was generated, and proven, with values that mean nothing else. Here it
//! is only decided where in a text they stand, and refused what would leave that open: stand-ins
//! within one another, too short to be recognised, or in places that no variable reaches.

use serde_json::Value;

use super::{Format, Problem, Symbol};
use crate::generate::{Bundle, Entity, Policy, Sentence, texts};

/// The shortest stand-in: the words of AWS that are shorter are in every document.
const SHORTEST: usize = 4;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Characters that stand for themselves.
    Text(String),
    /// A reference, as the target's language names it.
    Reference(String),
}

/// The stand-ins of a bundle, with what a target's language puts in their place.
#[derive(Clone, Debug, Default)]
pub(super) struct StandIns<'a> {
    references: Vec<(&'a Symbol, String)>,
    partition: Option<(String, String)>,
}

impl<'a> StandIns<'a> {
    /// Returns the stand-ins, each with the reference that stands for its variable.
    pub(super) fn new(symbols: &'a [Symbol], reference: impl Fn(&str) -> String) -> Self {
        // INVARIANT: no stand-in contains another, see `problems`; so only one begins anywhere.
        let references = symbols.iter().map(|it| (it, reference(&it.input)));
        Self {
            references: references.collect(),
            partition: None,
        }
    }

    /// Puts a reference in the place of the partition wherever a text begins as an ARN.
    pub(super) fn with_partition(mut self, partition: &str, reference: &str) -> Self {
        self.partition = Some((format!("arn:{partition}:"), reference.to_owned()));
        self
    }

    /// Returns the parts of a text; none for an empty one.
    pub(super) fn split(&self, text: &str) -> Vec<Piece> {
        // A stand-in for a whole ARN brings its own partition.
        let is_stand_in = self
            .references
            .iter()
            .any(|(it, _)| text.starts_with(&it.text));
        match &self.partition {
            Some((prefix, reference)) if text.starts_with(&**prefix) && !is_stand_in => {
                let mut pieces = vec![
                    Piece::Text("arn:".to_owned()),
                    Piece::Reference(reference.clone()),
                ];
                self.scan(
                    &text[prefix.len() - 1..],
                    |_, it| it.to_owned(),
                    &mut pieces,
                );
                pieces
            }
            _ => {
                let mut pieces = Vec::new();
                self.scan(text, |_, it| it.to_owned(), &mut pieces);
                pieces
            }
        }
    }

    /// Returns a text with the names of variables in place of stand-ins, for a human reader.
    pub(super) fn told(&self, text: &str) -> String {
        let mut pieces = Vec::new();
        self.scan(text, |it, _| it.input.clone(), &mut pieces);
        let told = pieces.into_iter().map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Reference(input) => format!("<{input}>"),
        });
        told.collect()
    }

    fn scan(&self, text: &str, name: impl Fn(&Symbol, &str) -> String, pieces: &mut Vec<Piece>) {
        let mut rest = text;
        let mut plain = String::new();
        while let Some(first) = rest.chars().next() {
            let found = self
                .references
                .iter()
                .find(|(it, _)| rest.starts_with(&it.text));
            if let Some((symbol, reference)) = found {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Reference(name(symbol, reference)));
                rest = &rest[symbol.text.len()..];
            } else {
                plain.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
    }
}

/// Returns the partition that a bundle was made for.
pub(super) fn partition(bundle: &Bundle) -> String {
    let arns = own_arns(bundle);
    let named = arns.filter_map(|arn| arn.split(':').nth(1)).next();
    named.unwrap_or("aws").to_owned()
}

/// Returns the accounts that the ARNs of what is created name, each once.
pub(super) fn accounts(bundle: &Bundle) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for account in own_arns(bundle).filter_map(|arn| arn.split(':').nth(4)) {
        if !found.iter().any(|it| it == account) {
            found.push(account.to_owned());
        }
    }
    found
}

fn own_arns(bundle: &Bundle) -> impl Iterator<Item = &str> {
    let policies = bundle.policies.iter().map(|it| &*it.arn);
    policies.chain(bundle.entities.iter().map(|it| &*it.arn))
}

/// Returns the stand-ins that what is written of a bundle holds: the others need no input.
pub(super) fn used(bundle: &Bundle, symbols: &[Symbol]) -> Vec<Symbol> {
    let mut texts: Vec<String> = Vec::new();
    for policy in &bundle.policies {
        texts.extend([&policy.name, &policy.path, &policy.description].map(Clone::clone));
        texts.push(policy.document().to_string());
    }
    for entity in &bundle.entities {
        texts.extend([&entity.name, &entity.path].map(Clone::clone));
        if let Some(trust) = entity.trust_policy() {
            texts.push(entity.description.clone());
            texts.push(trust.to_string());
        }
        let arns = entity.attached.iter().chain(&entity.boundary);
        let made = |arn: &String| bundle.policies.iter().any(|it| it.arn == *arn);
        texts.extend(arns.filter(|it| !made(it)).cloned());
    }
    for (key, value) in bundle.entities.iter().flat_map(|it| &it.tags) {
        texts.extend([key.clone(), value.clone()]);
    }
    let is_used = |symbol: &&Symbol| texts.iter().any(|it| it.contains(&symbol.text));
    symbols.iter().filter(is_used).cloned().collect()
}

/// Returns why a bundle cannot be written with these stand-ins.
pub(super) fn problems(bundle: &Bundle, format: Format, symbols: &[Symbol]) -> Vec<Problem> {
    if !format.takes_symbols() {
        let refused = symbols.iter().map(|it| Problem::NoInputs {
            format: format.word(),
            input: it.input.clone(),
        });
        return refused.collect();
    }
    let mut problems = unfit(symbols);
    if problems.is_empty() {
        let mut look = Look {
            symbols,
            format,
            problems: Vec::new(),
        };
        look.bundle(bundle);
        problems = look.problems;
    }
    problems
}

/// Returns what is wrong with the stand-ins by themselves.
fn unfit(symbols: &[Symbol]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, symbol) in symbols.iter().enumerate() {
        let mut refuse = |reason: String| {
            problems.push(Problem::UnfitStandIn {
                input: symbol.input.clone(),
                text: symbol.text.clone(),
                reason,
            });
        };
        if symbol.text.len() < SHORTEST {
            refuse(format!(
                "it is shorter than {SHORTEST} characters, and could be found anywhere"
            ));
        }
        // Such characters need no escape in any of the languages, so a text can be searched as it
        // is; wildcards and `$` would also mean something to IAM.
        let plain = |it: char| it.is_ascii_alphanumeric() || "+=,.@_:/-".contains(it);
        if !symbol.text.chars().all(plain) {
            refuse("it has characters that are not plain text everywhere".to_owned());
        }
        if symbols[..at].iter().any(|it| it.input == symbol.input) {
            refuse("there is another stand-in for the same variable".to_owned());
        }
        for other in symbols {
            if !std::ptr::eq(other, symbol) && other.text.contains(&symbol.text) {
                refuse(format!(
                    "it occurs in `{}`, the stand-in for `{}`",
                    other.text, other.input
                ));
            }
        }
    }
    problems
}

struct Look<'a> {
    symbols: &'a [Symbol],
    format: Format,
    problems: Vec<Problem>,
}

impl Look<'_> {
    fn bundle(&mut self, bundle: &Bundle) {
        self.tags(&bundle.tags);
        for policy in &bundle.policies {
            self.policy(policy);
        }
        for entity in &bundle.entities {
            self.entity(entity);
        }
    }

    fn policy(&mut self, policy: &Policy) {
        for text in [&policy.name, &policy.path, &policy.arn, &policy.description] {
            self.open(text);
        }
        self.tags(&policy.tags);
        self.statements(&policy.statements);
    }

    fn entity(&mut self, entity: &Entity) {
        for text in [&entity.name, &entity.path, &entity.arn, &entity.description] {
            self.open(text);
        }
        self.statements(&entity.trust);
        for arn in entity.attached.iter().chain(&entity.boundary) {
            if arn.split(':').nth(4) == Some("aws") {
                self.fixed("ARN of AWS", arn);
            } else {
                self.open(arn);
            }
        }
        self.tags(&entity.tags);
    }

    fn tags(&mut self, tags: &[(String, String)]) {
        for (key, value) in tags {
            self.open(key);
            self.open(value);
        }
    }

    fn statements(&mut self, sentences: &[Sentence]) {
        for sentence in sentences {
            for (element, value) in sentence.statement.as_object().into_iter().flatten() {
                self.fixed("element", element);
                match &**element {
                    "Resource" | "NotResource" => self.open_values(value),
                    "Principal" | "NotPrincipal" => {
                        for (kind, value) in value.as_object().into_iter().flatten() {
                            self.fixed("type of principal", kind);
                            self.open_values(value);
                        }
                    }
                    "Condition" => {
                        for (operator, keys) in value.as_object().into_iter().flatten() {
                            self.fixed("condition operator", operator);
                            for (key, value) in keys.as_object().into_iter().flatten() {
                                self.open(key);
                                self.open_values(value);
                            }
                        }
                    }
                    "Sid" => self.fixed_values("Sid", value),
                    "Effect" => self.fixed_values("effect", value),
                    _ => self.fixed_values("action", value),
                }
            }
        }
    }

    fn open_values(&mut self, value: &Value) {
        for text in texts(value) {
            self.open(text);
        }
    }

    fn fixed_values(&mut self, place: &'static str, value: &Value) {
        for text in texts(value) {
            self.fixed(place, text);
        }
    }

    /// Looks at a text in which stand-ins may be.
    fn open(&mut self, text: &str) {
        let mut found: Vec<(usize, &Symbol)> = Vec::new();
        for symbol in self.symbols {
            let starts = (0..text.len())
                .filter(|at| text.is_char_boundary(*at) && text[*at..].starts_with(&symbol.text));
            found.extend(starts.map(|at| (at, symbol)));
        }
        found.sort_by_key(|(at, _)| *at);
        for (at, symbol) in &found {
            let before = &text[..*at];
            let is_within = before.rfind("${") > before.rfind('}');
            // What `Fn::Sub` makes of a reference within `${!…}` is not documented.
            if is_within && self.format == Format::Cloudformation {
                self.misplaced(symbol, "policy variable", text);
            }
        }
        for pair in found.windows(2) {
            let [(start, first), (next, second)] = pair else {
                continue;
            };
            if start + first.text.len() > *next {
                self.add(Problem::Overlap {
                    first: first.input.clone(),
                    second: second.input.clone(),
                    text: text.to_owned(),
                });
            }
        }
    }

    /// Looks at a text in which no stand-in can be.
    fn fixed(&mut self, place: &'static str, text: &str) {
        let found = self.symbols.iter().find(|it| text.contains(&it.text));
        if let Some(symbol) = found {
            self.misplaced(symbol, place, text);
        }
    }

    fn misplaced(&mut self, symbol: &Symbol, place: &'static str, text: &str) {
        self.add(Problem::Misplaced {
            input: symbol.input.clone(),
            text: symbol.text.clone(),
            place,
            found: text.to_owned(),
        });
    }

    fn add(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}
