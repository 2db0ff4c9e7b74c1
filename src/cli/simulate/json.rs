//! The answer for programs: `rolecall/simulate/v1`.

use serde_json::{Value, json};

use super::Answer;
use crate::cli::deciding::{NearMiss, Place, Why};
use crate::evaluate::Layers;
use crate::finding::Finding;
use crate::source::{FileId, Location, Sources, Span};

/// Returns the answer as JSON.
pub(super) fn answer(answer: &Answer<'_>) -> String {
    let sources = &answer.loaded.sources;
    let resources: Vec<_> = answer.why.iter().map(|it| resource(it, sources)).collect();
    let outcome = answer.outcome;
    let also = outcome.also_needs.iter().map(|it| {
        let context: serde_json::Map<String, Value> = it
            .context
            .iter()
            .map(|(key, value)| (key.clone(), json!(value)))
            .collect();
        json!({ "action": it.action, "context": context })
    });
    let also: Vec<_> = also.collect();
    let mut derived = serde_json::Map::new();
    let mut dropped: Vec<&String> = Vec::new();
    for it in &answer.why {
        for (key, value) in &it.decided.derived.derived {
            derived.entry(key.clone()).or_insert_with(|| json!(value));
        }
        for key in &it.decided.derived.dropped {
            if !dropped.contains(&key) {
                dropped.push(key);
            }
        }
    }
    let assumptions: Vec<_> = answer
        .question
        .assumptions
        .iter()
        .chain(&answer.loaded.assumptions)
        .collect();
    let findings: Vec<_> = answer
        .loaded
        .findings
        .iter()
        .map(|it| finding(it, sources))
        .collect();
    let unread: Vec<_> = answer
        .loaded
        .unread
        .iter()
        .map(|it| finding(it, sources))
        .collect();
    let info = answer.catalog.info();
    let value = json!({
        "schema": "rolecall/simulate/v1",
        "decision": answer.decision.as_str(),
        "resources": resources,
        "missingResourceTypes": outcome.missing_resource_types,
        "alsoNeeds": also,
        "derived": derived,
        "dropped": dropped,
        "assumptions": assumptions,
        "findings": findings,
        "unread": unread,
        "catalog": { "date": info.date, "hash": info.hash },
    });
    format!("{:#}\n", answer.loaded.with_snapshot(value))
}

fn resource(why: &Why<'_>, sources: &Sources) -> Value {
    json!({
        "arn": why.decided.arn,
        "type": why.decided.derived.resource_type,
        "decision": why.decision.as_str(),
        "blockedBy": layers(why.blocked_by),
        "decidedBy": why.decided_by.iter().map(|it| place(it, it.span, sources)).collect::<Vec<_>>(),
        "nearMisses": why.near_misses.iter().map(|it| near_miss(it, sources)).collect::<Vec<_>>(),
        "unknown": why.unknown,
        "error": why.refusal.map(|it| it.message.as_str()),
    })
}

fn layers(layers: Layers) -> Vec<&'static str> {
    layers.iter().map(crate::evaluate::Layer::as_str).collect()
}

pub(in crate::cli) fn place(place: &Place<'_>, span: Span, sources: &Sources) -> Value {
    let (file, line, column) = location(place.file, span, sources);
    json!({
        "layer": place.layer.as_str(),
        "target": place.target,
        "file": file,
        "line": line,
        "column": column,
        "sid": place.sid,
        "effect": place.effect.as_str(),
    })
}

fn location(
    file: Option<FileId>,
    span: Span,
    sources: &Sources,
) -> (Option<&str>, Option<usize>, Option<usize>) {
    let Some(file) = file else {
        return (None, None, None);
    };
    let at = sources.line_column(Location { file, span });
    (
        Some(&sources.get(file).name),
        Some(at.line),
        Some(at.column),
    )
}

pub(in crate::cli) fn near_miss(miss: &NearMiss<'_>, sources: &Sources) -> Value {
    let mut value = place(&miss.place, miss.span, sources);
    let rest = json!({
        "failed": miss.failed,
        "operator": miss.condition.map(|it| &*it.operator_text.text),
        "key": miss.condition.map(|it| &*it.key_text.text),
        "expected": miss.expected,
        "actual": miss.actual,
        "certain": !miss.is_unknown,
    });
    if let (Some(value), Value::Object(rest)) = (value.as_object_mut(), rest) {
        value.extend(rest);
    }
    value
}

pub(in crate::cli) fn finding(finding: &Finding, sources: &Sources) -> Value {
    let at = finding.primary.location;
    let (file, line, column) = location(Some(at.file), at.span, sources);
    json!({
        "rule": finding.rule,
        "type": finding.finding_type.as_str(),
        "file": file,
        "line": line,
        "column": column,
        "message": finding.message,
        "help": finding.help,
    })
}
