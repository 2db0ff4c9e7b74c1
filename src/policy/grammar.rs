//! What AWS refuses when a document is written, or reads otherwise than it looks.
//!
//! Lowering reports what keeps the statements themselves from being read; [`check`] looks at what
//! was read. Each check belongs to one evaluation rule and is silent when that rule is off. The
//! names of actions and condition keys are not looked up here, and nothing is said about how much
//! a document allows: those are rules of their own.

mod action;
mod condition;
mod identifier;
mod organization;
mod principal;
mod resource;
mod size;
#[cfg(test)]
mod switching;

pub use condition::{role_of_session, similar_operator};
pub use identifier::plain_sid;
pub use principal::missing_forms;

use super::{Document, Kind, Problem, Statement};

const REFUSED: &str = "AWS refuses the document, so nothing in it takes effect";

/// Returns what is wrong with a document that was read; `text` is its source text.
#[must_use]
pub fn check(document: &Document, text: &str) -> Vec<Problem> {
    let mut found = Vec::new();
    identifier::check(document, &mut found);
    for statement in &document.statements {
        action::check(statement, &mut found);
        principal::check(document.kind, statement, &mut found);
        resource::check(document, statement, &mut found);
        condition::check(document, statement, &mut found);
    }
    match document.kind {
        Kind::Scp => organization::check_scp(document, &mut found),
        Kind::Rcp => organization::check_rcp(document, &mut found),
        _ => {}
    }
    size::check(document, text, &mut found);
    found
}

/// Returns everything wrong with a document, lowering's problems included, in text order and each
/// once.
#[must_use]
pub fn problems(document: &Document, text: &str) -> Vec<Problem> {
    let mut all = document.problems.clone();
    all.extend(check(document, text));
    all.sort_by(|a, b| {
        (a.span, a.rule, a.name, &a.message).cmp(&(b.span, b.rule, b.name, &b.message))
    });
    all.dedup_by(|a, b| (a.span, a.rule, a.name) == (b.span, b.rule, b.name));
    all
}

/// Returns whether IAM or STS stores the document and so applies IAM's own form of `Id` and `Sid`.
const fn is_iam(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Identity | Kind::Boundary | Kind::Session | Kind::Trust
    )
}

/// Returns the names of the statement's actions, split at the colon where they have one.
fn action_prefixes(statement: &Statement) -> impl Iterator<Item = Option<&str>> {
    let patterns = statement.action.patterns.iter();
    patterns.map(|pattern| pattern.text.split_once(':').map(|(prefix, _)| prefix))
}
