//! Holds a bundle with stand-ins against the one that was proven: filled in with the same values,
//! the first has to be the second. What is written with references is then what was proven.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Symbol;
use super::stand_in::{Piece, StandIns};
use crate::generate::{Bundle, EntityKind, PolicyUse, Sentence};

/// Returns what differs, in words; nothing if both are the same.
pub(super) fn differences(stand_ins: &Bundle, symbols: &[Symbol], proven: &Bundle) -> Vec<String> {
    let value = |input: &str| {
        let found = proven.inputs.iter().find(|it| it.name == input);
        found.and_then(|it| it.values.first()).cloned()
    };
    let values = StandIns::new(symbols, |input| value(input).unwrap_or_default());
    let filled = parts(stand_ins, &values);
    let expected = parts(proven, &StandIns::default());
    let mut differences = Vec::new();
    for (name, part) in &expected {
        match filled.get(name) {
            None => differences.push(format!("{name} is proven, and is not there")),
            Some(other) if other != part => {
                differences.push(format!("{name} is not as it is proven"));
            }
            Some(_) => {}
        }
    }
    for name in filled.keys().filter(|it| !expected.contains_key(*it)) {
        differences.push(format!("{name} is there, and is not proven"));
    }
    differences
}

/// Returns everything that is created, by name, with lists in an order that their values give.
fn parts(bundle: &Bundle, values: &StandIns<'_>) -> BTreeMap<String, Value> {
    let fill = |text: &str| fill(text, values);
    let mut parts = BTreeMap::new();
    for policy in &bundle.policies {
        let name = fill(&policy.name);
        let used_as = match policy.used_as {
            PolicyUse::Identity => "allows",
            PolicyUse::Boundary => "boundary",
            PolicyUse::WorkloadBoundary => "workload boundary",
        };
        let tags = policy.tags.iter();
        let tags = tags.map(|(key, value)| json!([fill(key), fill(value)]));
        let part = json!([
            sorted(tags.collect()),
            fill(&policy.path),
            fill(&policy.arn),
            used_as,
            statements(&policy.statements, values)
        ]);
        parts.insert(format!("the policy `{name}`"), part);
    }
    for entity in &bundle.entities {
        let kind = match entity.kind {
            EntityKind::User => "user",
            EntityKind::Role => "role",
        };
        let tags = entity.tags.iter();
        let tags = tags.map(|(key, value)| json!([fill(key), fill(value)]));
        let part = json!([
            fill(&entity.path),
            fill(&entity.arn),
            statements(&entity.trust, values),
            sorted(entity.attached.iter().map(|it| json!(fill(it))).collect()),
            entity.boundary.as_deref().map(fill),
            sorted(tags.collect()),
        ]);
        parts.insert(format!("the {kind} `{}`", fill(&entity.name)), part);
    }
    parts
}

fn statements(sentences: &[Sentence], values: &StandIns<'_>) -> Value {
    let statements = sentences.iter();
    sorted(statements.map(|it| filled(&it.statement, values)).collect())
}

fn filled(value: &Value, values: &StandIns<'_>) -> Value {
    match value {
        Value::String(text) => json!(fill(text, values)),
        Value::Array(list) => sorted(list.iter().map(|it| filled(it, values)).collect()),
        Value::Object(object) => {
            let entries = object.iter();
            let entries = entries.map(|(key, it)| (fill(key, values), filled(it, values)));
            Value::Object(entries.collect())
        }
        other => other.clone(),
    }
}

fn fill(text: &str, values: &StandIns<'_>) -> String {
    let pieces = values.split(text).into_iter();
    pieces
        .map(|it| match it {
            Piece::Text(text) | Piece::Reference(text) => text,
        })
        .collect()
}

fn sorted(mut list: Vec<Value>) -> Value {
    list.sort_by_cached_key(ToString::to_string);
    Value::Array(list)
}
