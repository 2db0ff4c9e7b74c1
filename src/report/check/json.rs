//! `rolecall/check/v1`: the report for machines. Fields are only ever added to a version.

use serde_json::{Value, json as value};

use super::Checked;
use crate::check::{Addition, Example, Fix, Judged, Near, Verdict, headline};
use crate::finding::Finding;
use crate::source::{Location, Sources};

/// Returns the report as JSON; its fields are described in the README.
#[must_use]
pub fn json(checked: &Checked<'_>) -> Value {
    let report = checked.report;
    let requirements: Vec<Value> = report
        .requirements
        .iter()
        .map(|it| requirement(it, checked.sources))
        .collect();
    let (title, arn) = &checked.principal;
    let source = &checked.profile.source;
    value!({
        "schema": "rolecall/check/v1",
        "vendor": checked.profile.name,
        "profile": {
            "name": checked.profile.name,
            "title": checked.profile.title,
            "document": source.document,
            "publisher": source.publisher,
            "retrieved": source.retrieved,
        },
        "principal": {"title": title, "arn": arn},
        "documents": checked.documents.iter()
            .map(|(name, kind)| value!({"file": name, "kind": kind})).collect::<Vec<_>>(),
        "requirements": requirements,
        "featuresOff": report.off.iter().map(|it| value!({
            "name": it.name,
            "title": it.title,
            "requirements": it.requirements,
            "unmet": it.unmet,
        })).collect::<Vec<_>>(),
        "otherActors": report.other_actors.iter()
            .map(|(actor, calls)| value!({"actor": actor, "calls": calls})).collect::<Vec<_>>(),
        "assumptions": checked.assumptions.iter().chain(&report.assumptions).collect::<Vec<_>>(),
        "findings": checked.findings.iter().map(|it| finding(it, checked.sources)).collect::<Vec<_>>(),
        "unread": checked.unread.iter().map(|it| finding(it, checked.sources)).collect::<Vec<_>>(),
        "isolation": checked.isolation
            .map(|it| crate::report::isolation::block(it, checked.sources)),
        "catalog": {
            "date": checked.catalog.date,
            "hash": checked.catalog.hash,
            "builtin": checked.catalog.builtin,
        },
        "summary": {
            "requirements": report.requirements.len(),
            "met": report.count(Verdict::Met),
            "partlyMet": report.count(Verdict::PartlyMet),
            "notMet": report.count(Verdict::NotMet),
            "unknown": report.count(Verdict::Unknown),
            "requiredNotMet": report.requirements.iter().filter(|it| it.blocks()).count(),
            "sufficient": !report.fails() && !report.is_incomplete() && checked.unread.is_empty() && !checked.refused_as_written,
        },
    })
}

fn requirement(judged: &Judged, sources: &Sources) -> Value {
    let call = &judged.call;
    let reason = judged.reason.as_ref();
    let (decided, allowed) = judged.decided;
    value!({
        "id": call.id,
        "phase": call.phase,
        "feature": call.feature,
        "strength": call.strength.as_str(),
        "actor": call.actor,
        "tool": call.tool.as_str(),
        "action": call.action,
        "resources": judged.resources,
        "verdict": judged.verdict.as_str(),
        "message": headline(judged),
        "reason": reason.map(|it| it.class.as_str()),
        "layer": reason.and_then(|it| it.layer).map(|it| it.as_str()),
        "layers": reason.map(|it| it.layers.iter().map(|layer| layer.as_str()).collect::<Vec<_>>()),
        "target": reason.and_then(|it| it.target.clone()),
        "nearest": reason.and_then(|it| it.near.as_ref()).map(|it| near(it, sources)),
        "condition": reason.and_then(|it| it.condition.clone()),
        "unknown": reason.map(|it| it.unknown.clone()).unwrap_or_default(),
        "calls": {"decided": decided, "allowed": allowed, "failing": call.variant_text()},
        "example": reason.and_then(|it| it.example.as_ref()).map(example),
        "derivedFrom": call.derived_from,
        "alternative": call.alternative,
        "metBy": judged.met_by,
        "why": call.why,
        "consequence": call.breaks,
        "evidence": call.evidence,
        "fix": judged.fix.as_ref().map(|it| fix(it, sources)),
    })
}

/// A request that shows the verdict.
fn example(example: &Example) -> Value {
    let context: serde_json::Map<String, Value> = example
        .context
        .iter()
        .map(|(key, values)| match values.as_slice() {
            [one] => (key.clone(), value!(one)),
            many => (key.clone(), value!(many)),
        })
        .collect();
    value!({
        "action": example.action,
        "resource": example.resource,
        "context": context,
    })
}

fn near(near: &Near, sources: &Sources) -> Value {
    let mut object = place(
        near.file.map(|file| Location {
            file,
            span: near.span,
        }),
        sources,
    );
    object["sid"] = value!(near.sid);
    object["statement"] = value!(near.statement);
    object
}

fn place(location: Option<Location>, sources: &Sources) -> Value {
    let Some(location) = location else {
        return value!({"file": null});
    };
    let at = sources.line_column(location);
    value!({
        "file": sources.get(location.file).name,
        "line": at.line,
        "column": at.column,
        "start": location.span.start,
        "end": location.span.end,
    })
}

/// Returns what would meet a requirement.
pub(crate) fn fix(fix: &Fix, sources: &Sources) -> Value {
    let additions: Vec<Value> = fix
        .additions
        .iter()
        .map(|addition| match addition {
            Addition::Action {
                layer,
                action,
                sid,
                statement,
                span,
                file,
            } => value!({
                "kind": "add-action",
                "layer": layer.as_str(),
                "action": action,
                "sid": sid,
                "statement": statement,
                "at": place(file.map(|file| Location { file, span: *span }), sources),
            }),
            Addition::Statement {
                layer,
                target,
                statement,
            } => value!({
                "kind": "add-statement",
                "layer": layer.as_str(),
                "target": target,
                "statement": statement,
            }),
        })
        .collect();
    value!(additions)
}

fn finding(finding: &Finding, sources: &Sources) -> Value {
    let mut object = place(Some(finding.primary.location), sources);
    object["rule"] = value!(finding.rule);
    object["type"] = value!(finding.finding_type.as_str());
    object["message"] = value!(finding.message);
    object["why"] = value!(finding.why);
    object["help"] = value!(finding.help);
    object
}
