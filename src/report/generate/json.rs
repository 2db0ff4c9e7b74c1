//! For machines: the proof, `rolecall/proof/v1`.

use serde_json::{Value, json};

use super::Shown;
use crate::generate::{Containment, Element, Held, Minimality, Proven};
use crate::report::isolation;
use crate::source::Sources;

/// Returns the proof with what it is about.
#[must_use]
pub fn proof_json(shown: &Shown<'_>) -> Value {
    let generated = shown.generated;
    let proof = &generated.proof;
    let bundle = &generated.bundle;
    let inputs: serde_json::Map<String, Value> = bundle
        .inputs
        .iter()
        .map(|it| (it.name.clone(), json!(it.values)))
        .collect();
    let of = |it| proven(it, &proof.sources);
    json!({
        "schema": "rolecall/proof/v1",
        "profile": bundle.profile,
        "holds": proof.holds(),
        "command": shown.command,
        "catalog": proof.catalog,
        "inputs": inputs,
        "files": shown.files,
        "policies": proof.sizes.iter().map(|it| json!({"name": it.policy, "characters": it.size})).collect::<Vec<_>>(),
        "wildcards": proof.wildcards.iter().map(|it| json!({"policy": it.policy, "pattern": it.pattern, "beyond": it.beyond})).collect::<Vec<_>>(),
        "actors": proof.entities.iter().map(of).collect::<Vec<_>>(),
        "vendor_made": proof.vendor_made.iter().map(of).collect::<Vec<_>>(),
        "unscoped": bundle.unscoped.iter().map(|it| json!({"action": it.action, "reason": it.reason})).collect::<Vec<_>>(),
        "untested": proof.untested.iter().map(|it| json!({"key": it.key, "reason": it.reason})).collect::<Vec<_>>(),
        "assumptions": proof.assumptions,
    })
}

fn proven(proven: &Proven, sources: &Sources) -> Value {
    let unmet = proven.unmet.iter().map(|it| {
        json!({
            "requirement": it.id,
            "action": it.action,
            "strength": it.strength.as_str(),
            "verdict": it.verdict.as_str(),
        })
    });
    let mut value = json!({
        "actor": proven.actor,
        "holds": proven.holds(),
        "sufficient": {"met": proven.met, "unmet": unmet.collect::<Vec<_>>()},
    });
    match &proven.contained {
        Containment::Contained => value["contained"] = json!({"verdict": "yes"}),
        Containment::Exceeds(request) => {
            value["contained"] = json!({"verdict": "no", "request": request});
        }
        Containment::Unknown(doubt) => {
            value["contained"] = json!({
                "verdict": "unknown",
                "reason": doubt.reason.as_str(),
                "detail": doubt.detail,
            });
        }
        Containment::NotAsked => {}
    }
    if let Some(report) = &proven.isolation {
        value["isolation"] = isolation::block(report, sources);
        let impossible = proven.impossible.iter();
        value["impossible"] = impossible.map(|it| held(it, sources)).collect();
    }
    if let Some(found) = &proven.minimality {
        value["minimal"] = minimal(found);
    }
    value
}

fn held(held: &Held, sources: &Sources) -> Value {
    let row = &held.row;
    let actions: Vec<&str> = row.actions.iter().map(|it| it.text.as_str()).collect();
    let escapes = held.escapes.iter();
    let findings: Vec<Value> = escapes.map(|it| isolation::finding(it, sources)).collect();
    let open = held.open.iter();
    let open: Vec<Value> = open
        .map(|it| json!({"reason": it.reason, "detail": it.detail}))
        .collect();
    json!({
        "class": row.class.id,
        "actions": actions,
        "reason": row.reason,
        "evidence": row.evidence,
        "findings": findings,
        "unknown": open,
    })
}

fn minimal(found: &Minimality) -> Value {
    let list = |elements: &[Element]| -> Vec<Value> {
        let elements = elements.iter();
        elements
            .map(|it| json!({"policy": it.policy, "sid": it.sid, "element": it.text}))
            .collect()
    };
    json!({
        "elements": found.elements,
        "conditions": found.conditions,
        "superfluous": list(&found.superfluous),
        "open": list(&found.open),
    })
}
