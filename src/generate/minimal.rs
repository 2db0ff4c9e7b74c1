//! Whether anything could be left out: the other half of "enough and no more".
//!
//! An element of a statement is needed if some required request is allowed by this statement alone,
//! and in it by this element alone. A condition is needed if the statement without it allows what
//! no requirement asks for.

use serde_json::Value;

use super::atom::{Atoms, hull};
use super::bundle::Policy;
use super::pack::texts;
use crate::analyze::{Analysis, Found};
use crate::evaluate::{Request, Truth, match_statement};
use crate::policy::{Document, Kind, Statement, written};

/// What came of the search for superfluous elements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Minimality {
    /// Actions, resources and values that were looked at.
    pub elements: usize,
    /// Conditions that were looked at.
    pub conditions: usize,
    /// What could be left out.
    pub superfluous: Vec<Element>,
    /// Conditions of which it could not be told.
    pub open: Vec<Element>,
}

/// A part of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// The policy's name.
    pub policy: String,
    /// The statement's `Sid`.
    pub sid: String,
    /// The action, resource, or condition with its value.
    pub text: String,
}

/// One statement, alone.
struct Alone<'a> {
    policy: &'a Policy,
    value: &'a Value,
    document: Document,
}

impl Alone<'_> {
    fn element(&self, text: impl Into<String>) -> Element {
        Element {
            policy: self.policy.name.clone(),
            sid: self.value["Sid"].as_str().unwrap_or_default().to_owned(),
            text: text.into(),
        }
    }

    fn statement(&self) -> Option<&Statement> {
        self.document.statements.first()
    }

    fn allows(&self, request: &Request) -> bool {
        self.statement().is_some_and(|it| allows(it, request))
    }
}

/// Looks for what could be left out of the identity policies of one actor.
pub(super) fn minimality(
    policies: &[&Policy],
    atoms: &Atoms,
    analysis: &Analysis<'_>,
) -> Minimality {
    let statements: Vec<Alone<'_>> = policies
        .iter()
        .flat_map(|policy| policy.statements.iter().map(|it| (*policy, &it.statement)))
        .map(|(policy, value)| Alone {
            policy,
            value,
            document: alone(value),
        })
        .collect();
    let mut needing: Vec<Vec<&Request>> = statements.iter().map(|_| Vec::new()).collect();
    for request in atoms.list.iter().flat_map(|it| &it.requests) {
        let mut allowing = (0..statements.len()).filter(|at| statements[*at].allows(request));
        if let (Some(only), None) = (allowing.next(), allowing.next()) {
            needing[only].push(request);
        }
    }
    let mut found = Minimality::default();
    let hull = hull(&atoms.list);
    for (statement, requests) in statements.iter().zip(&needing) {
        elements(statement, requests, &mut found);
        conditions(statement, &hull, analysis, &mut found);
    }
    found
}

/// Looks at actions, resources and values: each has to be the only one by which some request is
/// allowed.
fn elements(statement: &Alone<'_>, requests: &[&Request], found: &mut Minimality) {
    for part in ["Action", "Resource"] {
        let all = texts(&statement.value[part]);
        for text in &all {
            found.elements += 1;
            let without = all.iter().filter(|it| *it != text).copied().collect();
            let needed = match all.len() {
                1 => !requests.is_empty(),
                _ => is_needed(statement.value, &[part], without, requests),
            };
            if !needed {
                found.superfluous.push(statement.element(*text));
            }
        }
    }
    for (operator, key, values) in comparisons(statement.value) {
        let all = texts(values);
        // A set operator needs its whole list, and `Null` has one value.
        if all.len() < 2 || operator.contains(':') {
            continue;
        }
        for text in &all {
            found.elements += 1;
            let without = all.iter().filter(|it| *it != text).copied().collect();
            if !is_needed(
                statement.value,
                &["Condition", operator, key],
                without,
                requests,
            ) {
                let text = format!("{operator} {key} {text}");
                found.superfluous.push(statement.element(text));
            }
        }
    }
}

/// Whether some request is no longer allowed with these texts in this place.
fn is_needed(value: &Value, path: &[&str], texts: Vec<&str>, requests: &[&Request]) -> bool {
    let mut changed = value.clone();
    let mut place = &mut changed;
    for part in path {
        place = &mut place[*part];
    }
    *place = serde_json::json!(texts);
    let document = alone(&changed);
    let Some(statement) = document.statements.first() else {
        return true;
    };
    requests.iter().any(|it| !allows(statement, it))
}

/// Looks at conditions: without one, something must be allowed that no requirement asks for.
fn conditions(
    statement: &Alone<'_>,
    hull: &[Document],
    analysis: &Analysis<'_>,
    found: &mut Minimality,
) {
    for (operator, key, _) in comparisons(statement.value) {
        found.conditions += 1;
        let mut changed = statement.value.clone();
        if let Some(block) = changed["Condition"][operator].as_object_mut() {
            block.remove(key);
        }
        if let Some(blocks) = changed["Condition"].as_object_mut() {
            blocks.retain(|_, keys| keys.as_object().is_some_and(|it| !it.is_empty()));
        }
        let without = [alone(&changed)];
        match analysis.find_excess(&[&without], &[hull]) {
            Found::Request(_) => {}
            Found::Nothing => found
                .superfluous
                .push(statement.element(format!("{operator} {key}"))),
            Found::Unknown(_) => found
                .open
                .push(statement.element(format!("{operator} {key}"))),
        }
    }
}

/// Returns the conditions of a statement: operator, key, values.
fn comparisons(statement: &Value) -> Vec<(&str, &str, &Value)> {
    let blocks = statement["Condition"].as_object().into_iter().flatten();
    blocks
        .flat_map(|(operator, keys)| {
            let keys = keys.as_object().into_iter().flatten();
            keys.map(move |(key, values)| (operator.as_str(), key.as_str(), values))
        })
        .collect()
}

fn allows(statement: &Statement, request: &Request) -> bool {
    let matched = match_statement(statement, request);
    matched.action
        && matched.resource == Truth::True
        && matched.conditions.iter().all(|it| *it == Truth::True)
}

fn alone(statement: &Value) -> Document {
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [statement]});
    written(&policy.to_string(), Kind::Identity)
}
