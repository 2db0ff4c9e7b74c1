//! `rolecall/isolation/v1`: the report for machines. Fields are only ever added to a version.

use serde_json::{Map, Value, json as value};

use super::Shown;
use crate::isolation::{Edit, Escape, GrantedBy, Remedy, Report, Step};
use crate::source::{Location, Sources};

/// Returns the report as JSON; its fields are described in the README.
#[must_use]
pub fn json(shown: &Shown<'_>) -> Value {
    let mut object = block(shown.report, shown.sources);
    object["schema"] = value!("rolecall/isolation/v1");
    let taken = shown.assumptions.iter();
    let all: Vec<&String> = taken.chain(&shown.report.assumptions).collect();
    object["assumptions"] = value!(all);
    object["catalog"] = value!({
        "date": shown.catalog.date,
        "hash": shown.catalog.hash,
        "builtin": shown.catalog.builtin,
    });
    let unread = shown.unread.iter().map(|it| it.message.clone());
    object["unread"] = value!(unread.collect::<Vec<_>>());
    object
}

/// Returns what was found, as `check` has it among its own.
#[must_use]
pub fn block(report: &Report, sources: &Sources) -> Value {
    let open: Vec<Value> = report
        .open
        .iter()
        .map(|it| value!({"reason": it.reason, "detail": it.detail}))
        .collect();
    let findings: Vec<Value> = report
        .escapes
        .iter()
        .map(|it| finding(it, sources))
        .collect();
    value!({
        "verdict": report.verdict.as_str(),
        "actor": report.actor,
        "ceiling": report.ceiling,
        "invariants": report.invariants,
        "findings": findings,
        "unknown": open,
        "assumptions": report.assumptions,
        "cannotIsolate": report.cannot_isolate,
    })
}

/// Returns one way out.
#[must_use]
pub fn finding(escape: &Escape, sources: &Sources) -> Value {
    let steps: Vec<Value> = escape.steps.iter().map(|it| step(it, sources)).collect();
    value!({
        "class": escape.class,
        "title": escape.title,
        "gain": escape.gain,
        "steps": steps,
        "also": escape.also,
        "fix": escape.remedy.as_ref().map(|it| fix(it, sources)),
    })
}

fn step(step: &Step, sources: &Sources) -> Value {
    let context: Map<String, Value> = step
        .context
        .iter()
        .map(|(key, values)| (key.clone(), value!(values)))
        .collect();
    value!({
        "title": step.title,
        "by": step.by,
        "action": step.action,
        "resource": step.resource,
        "context": context,
        "allowed_by": step.allowed_by.as_ref().map(|it| granted(it, sources)),
        "otherwise": step.allowed_by.is_none().then_some(step.otherwise),
    })
}

fn granted(granted: &GrantedBy, sources: &Sources) -> Value {
    let location = Location {
        file: granted.file,
        span: granted.span,
    };
    value!({
        "file": sources.get(granted.file).name,
        "line": sources.line_column(location).line,
        "sid": granted.sid,
        "statement": granted.index + 1,
        "boundary": granted.in_boundary,
    })
}

fn fix(remedy: &Remedy, sources: &Sources) -> Value {
    let place = |file, span| {
        let location = Location { file, span };
        value!({
            "file": sources.get(file).name,
            "line": sources.line_column(location).line,
        })
    };
    let edit = match &remedy.edit {
        Edit::AddStatement {
            identity,
            boundary,
            statement,
        } => value!({
            "kind": "add-statement",
            "identity": identity,
            "boundary": boundary,
            "statement": statement,
        }),
        Edit::AddCondition {
            file,
            span,
            condition,
            ..
        } => value!({
            "kind": "add-condition",
            "at": place(*file, *span),
            "condition": condition,
        }),
    };
    value!({"text": remedy.text, "edit": edit})
}
