//! `rolecall/fix/v1`: the report for machines. Fields are only ever added to a version.

use serde_json::{Value, json as value};

use super::Mending;
use crate::check::{headline, layer_title};
use crate::finding::Finding;
use crate::mend::{Change, Changed, Claim, Figures, Open};
use crate::source::Sources;

/// Returns the report as JSON; its fields are described in the README.
#[must_use]
pub fn json(mending: &Mending<'_>) -> Value {
    let mended = mending.mended;
    let (all, required) = mending.requirements;
    let claims = mended.proof.claims();
    let claims = claims.iter().map(|(text, claim)| {
        let (state, reason) = match claim {
            Claim::Proven => ("proven", None),
            Claim::Refuted(reason) => ("refuted", Some(reason)),
            Claim::Open(reason) => ("unknown", Some(reason)),
        };
        value!({"claim": text, "state": state, "reason": reason})
    });
    value!({
        "schema": "rolecall/fix/v1",
        "vendor": mending.profile.name,
        "outcome": mending.outcome.as_str(),
        "files": mended.files.iter().map(file).collect::<Vec<_>>(),
        "notNeeded": mended.idle,
        "open": mended.open.iter().map(|it| open(it, &mended.sources)).collect::<Vec<_>>(),
        "obstacles": mended.obstacles,
        "before": figures(&mended.before),
        "after": figures(&mended.after),
        "requirements": {"all": all, "required": required},
        "proof": {"holds": mended.proof.holds(), "claims": claims.collect::<Vec<_>>()},
        "findings": findings(mending.findings, mending.sources),
        "unread": findings(mending.unread, mending.sources),
    })
}

fn file(changed: &Changed) -> Value {
    value!({
        "file": changed.name,
        "layer": changed.layer.as_str(),
        "isNew": changed.before.is_none(),
        "changes": changed.changes.iter().map(change).collect::<Vec<_>>(),
        "text": changed.after,
    })
}

fn change(change: &Change) -> Value {
    let needs = change.needs.iter();
    let needs = needs.map(|it| value!({"requirement": it.id, "phase": it.phase}));
    value!({
        "kind": change.kind.as_str(),
        "statement": change.statement,
        "actions": change.actions,
        "resources": change.resources,
        "needs": needs.collect::<Vec<_>>(),
    })
}

fn open(open: &Open, sources: &Sources) -> Value {
    let judged = &open.judged;
    let near = judged.reason.as_ref().and_then(|it| it.near.as_ref());
    let near = near.and_then(|it| Some((it, it.file?)));
    let layer = judged.reason.as_ref().and_then(|it| it.layer);
    value!({
        "id": judged.call.id,
        "phase": judged.call.phase,
        "strength": judged.call.strength.as_str(),
        "verdict": judged.verdict.as_str(),
        "message": headline(judged),
        "layer": layer.map(layer_title),
        "nearest": near.map(|(near, file)| value!({
            "file": sources.get(file).name,
            "sid": near.sid,
            "statement": near.statement,
        })),
        "who": open.who,
    })
}

fn figures(figures: &Figures) -> Value {
    value!({
        "actions": figures.actions,
        "characters": figures.characters,
        "documents": figures.documents,
        "met": figures.met,
        "requiredMet": figures.required_met,
    })
}

fn findings(findings: &[Finding], sources: &Sources) -> Vec<Value> {
    let one = |it: &Finding| {
        let location = it.primary.location;
        let place = sources.line_column(location);
        value!({
            "rule": it.rule,
            "type": it.finding_type.as_str(),
            "message": it.message,
            "file": sources.get(location.file).name,
            "line": place.line,
            "column": place.column,
        })
    };
    findings.iter().map(one).collect()
}
