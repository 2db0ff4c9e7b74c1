//! Explained refusals for programs: `rolecall/why/v1`.

use serde_json::{Value, json};

use super::{ByPolicies, Explained, One};
use crate::evidence::NewStatement;

/// Returns the report as JSON.
#[must_use]
pub fn json(explained: &Explained<'_>) -> Value {
    let info = explained.catalog;
    let unread: Vec<&str> = explained.unread.iter().map(|it| &*it.message).collect();
    json!({
        "schema": "rolecall/why/v1",
        "explained": explained.refusals.iter().all(|it| it.is_explained),
        "refusals": explained.refusals.iter().map(refusal).collect::<Vec<_>>(),
        "assumptions": explained.assumptions,
        "unread": unread,
        "catalog": { "date": info.date, "hash": info.hash },
    })
}

fn refusal(one: &One<'_>) -> Value {
    let it = one.refusal;
    let explanation = &one.explanation;
    let from = match (it.layer, explanation.layer) {
        (Some(_), _) => Some("aws"),
        (None, Some(_)) => Some("policies"),
        (None, None) => None,
    };
    json!({
        "line": it.line,
        "count": it.count,
        "event": it.event,
        "code": it.code,
        "operation": it.operation,
        "caller": it.caller,
        "action": it.action,
        "resource": it.resource,
        "layer": explanation.layer.map_or("unknown", |it| it.as_str()),
        "layerFrom": from,
        "explicit": explanation.explicit,
        "policy": it.policy,
        "unknown": explanation.unknown,
        "who": explanation.who,
        "change": {
            "text": explanation.change.text,
            "statement": explanation.change.statement.as_ref().map(statement),
        },
        "notes": explanation.notes,
        "policies": one.decided.as_ref().map(policies),
        "explained": one.is_explained,
    })
}

/// The statement as it stands in a policy.
fn statement(it: &NewStatement) -> Value {
    let mut value = json!({ "Effect": "Allow", "Action": it.action });
    if let Some(principal) = &it.principal {
        value["Principal"] = json!({ "AWS": principal });
    }
    if let Some(resource) = &it.resource {
        value["Resource"] = json!(resource);
    }
    value
}

fn policies(decided: &ByPolicies) -> Value {
    let statements = decided.statements.iter().map(|it| {
        json!({
            "layer": it.layer.as_str(),
            "name": it.name,
            "file": it.file,
            "line": it.line,
            "says": it.says,
            "decided": it.decided,
            "failed": it.failed,
        })
    });
    json!({
        "decision": decided.decision.map(|it| it.as_str()),
        "layers": decided.layers.iter().map(|it| it.as_str()).collect::<Vec<_>>(),
        "statements": statements.collect::<Vec<_>>(),
        "notes": decided.notes,
    })
}
