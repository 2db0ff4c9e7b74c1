//! Statements without which documents allow exactly the same.

use serde_json::json;

use super::excess::only;
use super::family::document;
use super::{Analysis, Found};
use crate::policy::{Document, Effect, Statement};

/// A statement that could be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdleStatement {
    /// The document, by its index.
    pub document: usize,
    /// The statement, by its index in the document.
    pub statement: usize,
    /// Why it changes nothing.
    pub why: Idle,
}

/// Why a statement changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// No request ever matches it: *moot*.
    Moot,
    /// An Allow of what a Deny of the documents denies anyway: *shadowed*.
    Shadowed,
    /// Another statement, or several others together, do the same: *redundant*.
    Redundant {
        /// Document and statement, where one does so by itself.
        by: Option<(usize, usize)>,
    },
    /// A Deny of what nothing in the documents allows. It may still matter beside other
    /// documents, such as a policy of a resource.
    DeniesNothing,
}

impl Analysis<'_> {
    /// Returns the statements that could be left out, all of them at once, without changing what
    /// the documents, which are one layer, allow together. Of two that do the same, the later one.
    /// Only what was proven is returned.
    #[must_use]
    pub fn idle_statements(&self, documents: &[Document]) -> Vec<IdleStatement> {
        self.idle_among(documents, |_, _| true)
    }

    /// Returns those of [`Analysis::idle_statements`] among the statements that are worth the
    /// question, by document and index.
    #[must_use]
    pub fn idle_among(
        &self,
        documents: &[Document],
        is_worth: impl Fn(usize, usize) -> bool,
    ) -> Vec<IdleStatement> {
        let mut left = documents.to_vec();
        // The index of each statement that is left, as it was.
        let mut places: Vec<Vec<usize>> = documents
            .iter()
            .map(|it| (0..it.statements.len()).collect())
            .collect();
        let mut idle = Vec::new();
        for at in (0..documents.len()).rev() {
            for statement in (0..documents[at].statements.len()).rev() {
                if !is_worth(at, statement) {
                    continue;
                }
                let Some(why) = self.idle(&left, at, statement) else {
                    continue;
                };
                let why = match why {
                    Idle::Redundant { by: Some((it, by)) } => Idle::Redundant {
                        by: places[it].get(by).map(|by| (it, *by)),
                    },
                    why => why,
                };
                left[at].statements.remove(statement);
                places[at].remove(statement);
                idle.push(IdleStatement {
                    document: at,
                    statement,
                    why,
                });
            }
        }
        idle.reverse();
        idle
    }

    fn idle(&self, documents: &[Document], at: usize, index: usize) -> Option<Idle> {
        let statement = &documents[at].statements[index];
        let mut without = documents.to_vec();
        without[at].statements.remove(index);
        let contains =
            |a: &[Document], b: &[Document]| matches!(self.find_excess(&[a], &[b]), Found::Nothing);
        let alone = |document: usize, statement: &Statement| {
            vec![Document {
                statements: vec![statement.clone()],
                ..bare(&documents[document])
            }]
        };
        if statement.effect == Effect::Allow {
            let own = alone(at, statement);
            if contains(&own, &[]) {
                return Some(Idle::Moot);
            }
            let own_and_denies = only(documents, at, statement);
            if contains(&own_and_denies, &[]) {
                return Some(Idle::Shadowed);
            }
            if !contains(documents, &without) {
                return None;
            }
            let by = others(documents, at, index)
                .find(|(document, other)| contains(&own, &alone(*document, other.1)));
            let by = by.map(|(document, (index, _))| (document, index));
            return Some(Idle::Redundant { by });
        }
        if !contains(&without, documents) {
            return None;
        }
        // Nothing that the documents allow is lost by it: is it so by itself, or because of others?
        let everything = everything(&documents[at]);
        let beside = |denies: Vec<(&Document, &Statement)>| {
            let mut all = vec![everything.clone()];
            all.extend(denies.into_iter().map(|(document, statement)| Document {
                statements: vec![statement.clone()],
                ..bare(document)
            }));
            all
        };
        let own = beside(vec![(&documents[at], statement)]);
        if contains(std::slice::from_ref(&everything), &own) {
            return Some(Idle::Moot);
        }
        let others = || others(documents, at, index);
        let all: Vec<_> = others()
            .map(|(document, (_, it))| (&documents[document], it))
            .collect();
        if !contains(&beside(all), &own) {
            return Some(Idle::DeniesNothing);
        }
        let by = others().find(|(document, (_, other))| {
            contains(&beside(vec![(&documents[*document], other)]), &own)
        });
        let by = by.map(|(document, (index, _))| (document, index));
        Some(Idle::Redundant { by })
    }
}

/// The other statements of the same effect.
fn others(
    documents: &[Document],
    at: usize,
    index: usize,
) -> impl Iterator<Item = (usize, (usize, &Statement))> {
    let effect = documents[at].statements[index].effect;
    let all = documents.iter().enumerate();
    all.flat_map(|(document, it)| {
        let own = it.statements.iter().enumerate();
        own.map(move |it| (document, it))
    })
    .filter(move |(document, (other, it))| {
        (*document, *other) != (at, index) && it.effect == effect
    })
}

fn bare(document: &Document) -> Document {
    Document {
        statements: Vec::new(),
        ..document.clone()
    }
}

/// A document of the same kind that allows everything.
fn everything(like: &Document) -> Document {
    let mut statement = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    if like.kind.has_principal() {
        statement["Principal"] = json!("*");
    }
    if like.kind == crate::policy::Kind::Trust
        && let Some(statement) = statement.as_object_mut()
    {
        statement.remove("Resource");
    }
    document(&json!({ "Statement": [statement] }), like.kind)
}
