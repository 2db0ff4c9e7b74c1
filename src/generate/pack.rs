//! Puts statements into managed policies that fit AWS's limits.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::atom::{Atom, one_or_many, written_conditions};
use super::bundle::Sentence;
use super::cover::{Product, cover, service_of};
use super::name;
use crate::catalog::Catalog;
use crate::profile::{Profile, Until};

/// How statements are shared out among policies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// As few policies as fit, services kept together.
    #[default]
    None,
    /// One for each phase: what several phases need is in the one whose access lasts longest.
    Phase,
    /// One for each feature: what several features need is in the first.
    Feature,
}

impl Split {
    /// Every way with the word of the command line.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("none", Self::None),
        ("phase", Self::Phase),
        ("feature", Self::Feature),
    ];
}

/// Statements of one policy, with the end of its name.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    /// What its name says beside the start that all share; empty for the only one.
    pub(super) topic: String,
    pub(super) statements: Vec<Sentence>,
}

/// What statements are made with.
#[derive(Clone, Copy)]
pub(super) struct Making<'a> {
    pub(super) profile: &'a Profile,
    pub(super) atoms: &'a [Atom],
    /// The names of the vendor's tags.
    pub(super) tags: &'a [String],
    pub(super) catalog: &'a Catalog,
}

impl Making<'_> {
    /// Returns the statements that allow atoms, service by service, each name once in `taken`.
    pub(super) fn statements(
        &self,
        places: &[usize],
        taken: &mut BTreeSet<String>,
    ) -> Vec<Sentence> {
        let mut services: Vec<(&str, Vec<usize>)> = Vec::new();
        for at in places {
            let service = service_of(&self.atoms[*at].action);
            match services.iter_mut().find(|(known, _)| *known == service) {
                Some((_, own)) => own.push(*at),
                None => services.push((service, vec![*at])),
            }
        }
        let products = services
            .iter()
            .flat_map(|(_, own)| cover(self.atoms, own, self.catalog));
        products.map(|it| self.sentence(&it, taken)).collect()
    }

    /// Returns the statements that allow all atoms, services taken together.
    pub(super) fn together(&self) -> Vec<Sentence> {
        let places: Vec<usize> = (0..self.atoms.len()).collect();
        let mut taken = BTreeSet::new();
        let products = cover(self.atoms, &places, self.catalog);
        products
            .iter()
            .map(|it| self.sentence(it, &mut taken))
            .collect()
    }

    fn sentence(&self, product: &Product, taken: &mut BTreeSet<String>) -> Sentence {
        let sid = name::sid(product, self.atoms, self.tags, self.catalog);
        let mut requirements: Vec<String> = Vec::new();
        for source in product.atoms.iter().flat_map(|at| &self.atoms[*at].sources) {
            if !requirements.contains(&source.id) {
                requirements.push(source.id.clone());
            }
        }
        Sentence {
            statement: written_statement(product, &name::number(sid, taken)),
            why: name::why(product, self.atoms),
            requirements,
        }
    }

    /// Returns the statements shared out.
    pub(super) fn pack(&self, split: Split, limit: usize) -> Vec<Packed> {
        let mut topics: Vec<(String, Vec<usize>)> = Vec::new();
        for (at, atom) in self.atoms.iter().enumerate() {
            let topic = self.topic(atom, split);
            match topics.iter_mut().find(|(known, _)| *known == topic) {
                Some((_, own)) => own.push(at),
                None => topics.push((topic, vec![at])),
            }
        }
        if split == Split::Phase {
            let place = |name: &String| self.profile.phases.iter().position(|it| it.name == *name);
            topics.sort_by_key(|(topic, _)| place(topic));
        }
        let mut taken = BTreeSet::new();
        let mut packed = Vec::new();
        // What is too small for a policy of its own goes together.
        let mut small: Vec<Sentence> = Vec::new();
        for (topic, places) in topics {
            let statements = self.statements(&places, &mut taken);
            if split == Split::None && size(&statements) < limit / 3 {
                small.extend(statements);
                continue;
            }
            let mut parts = fill(&topic, statements, limit);
            // What runs over by little goes with what is small anyway.
            let runs_over = parts.len() > 1 && split == Split::None;
            if let Some(last) = parts.pop_if(|it| runs_over && size(&it.statements) < limit / 3) {
                small.extend(last.statements);
            }
            if let [only] = parts.as_mut_slice() {
                only.topic = topic;
            }
            packed.extend(parts);
        }
        packed.extend(fill("services", small, limit));
        if let ([only], Split::None) = (packed.as_mut_slice(), split) {
            only.topic.clear();
        }
        packed
    }

    fn topic(&self, atom: &Atom, split: Split) -> String {
        let sources = &atom.sources;
        match split {
            Split::None => atom.service().to_owned(),
            Split::Feature => {
                let base = sources.iter().find(|it| it.feature == "base");
                let first = base.or_else(|| sources.first());
                first.map(|it| it.feature.clone()).unwrap_or_default()
            }
            Split::Phase => {
                let lasting = |name: &str| {
                    let phase = self.profile.phase(name);
                    match phase.and_then(|it| it.until) {
                        Some(Until::Bootstrap) => 2,
                        Some(Until::Teardown) => 1,
                        Some(Until::Steady) | None => 0,
                    }
                };
                let longest = sources.iter().min_by_key(|it| lasting(&it.phase));
                longest.map(|it| it.phase.clone()).unwrap_or_default()
            }
        }
    }
}

/// Fills policies one after the other.
fn fill(topic: &str, statements: Vec<Sentence>, limit: usize) -> Vec<Packed> {
    let mut policies: Vec<Vec<Sentence>> = Vec::new();
    for statement in statements {
        let fits = policies.last_mut().filter(|it| {
            let mut with = it.to_vec();
            with.push(statement.clone());
            size(&with) <= limit
        });
        match fits {
            Some(policy) => policy.push(statement),
            None => policies.push(vec![statement]),
        }
    }
    let only = policies.len() == 1;
    let numbered = policies.into_iter().enumerate();
    numbered
        .map(|(at, statements)| Packed {
            topic: match only {
                true => topic.to_owned(),
                false => format!("{topic}-{}", at + 1),
            },
            statements,
        })
        .collect()
}

/// Returns how much of a managed policy's limit statements take: characters without white space
/// (IAM User Guide, "IAM and AWS STS quotas").
#[must_use]
pub fn size(statements: &[Sentence]) -> usize {
    let statements: Vec<&Value> = statements.iter().map(|it| &it.statement).collect();
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    let text = document.to_string();
    text.chars().filter(|it| !it.is_whitespace()).count()
}

fn written_statement(product: &Product, sid: &str) -> Value {
    let mut statement = Map::new();
    statement.insert("Sid".to_owned(), json!(sid));
    statement.insert("Effect".to_owned(), json!("Allow"));
    statement.insert("Action".to_owned(), one_or_many(&product.actions));
    statement.insert("Resource".to_owned(), one_or_many(&product.resources));
    let conditions = written_conditions(&product.conditions);
    if !conditions.is_empty() {
        statement.insert("Condition".to_owned(), Value::Object(conditions));
    }
    Value::Object(statement)
}

/// Returns the texts of a value that is one text or a list of them.
#[must_use]
pub fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
