//! The answer for programs: `rolecall/access/v1`.

use serde_json::{Value, json};

use super::example::Example;
use super::{Answer, Judged};
use crate::analyze::Witness;
use crate::cli::simulate::json::{finding, near_miss, place};
use crate::cli::words;

/// Returns the answer as JSON.
pub(super) fn answer(answer: &Answer<'_>) -> String {
    let loaded = answer.loaded;
    let sources = &loaded.sources;
    let families: Vec<Value> = answer.judged.iter().map(|it| family(answer, it)).collect();
    let assumptions: Vec<&String> = answer
        .assumptions
        .iter()
        .chain(&loaded.assumptions)
        .collect();
    let facts = if answer.judged.iter().any(|it| it.rests_on_facts) {
        words::facts_json()
    } else {
        Vec::new()
    };
    let info = answer.catalog.info();
    let value = json!({
        "schema": "rolecall/access/v1",
        "must": if answer.must { "be-granted" } else { "not-be-granted" },
        "passes": answer.passes,
        "families": families,
        "facts": facts,
        "assumptions": assumptions,
        "findings": loaded.findings.iter().map(|it| finding(it, sources)).collect::<Vec<_>>(),
        "unread": loaded.unread.iter().map(|it| finding(it, sources)).collect::<Vec<_>>(),
        "catalog": { "date": info.date, "hash": info.hash },
    });
    format!("{:#}\n", loaded.with_snapshot(value))
}

fn family(answer: &Answer<'_>, judged: &Judged<'_>) -> Value {
    let example = |it: &Option<Witness>| it.as_ref().map(|it| example(answer, it));
    json!({
        "action": judged.family.action,
        "resource": judged.family.resource,
        "verdict": judged.verdict.as_str(),
        "granted": example(&judged.allowed),
        "notGranted": example(&judged.denied),
        "reason": judged.doubt.as_ref().map(|it| it.reason.as_str()),
        "detail": judged.doubt.as_ref().map(|it| it.detail.as_str()),
        "restsOnFacts": judged.rests_on_facts,
    })
}

fn example(answer: &Answer<'_>, witness: &Witness) -> Value {
    let sources = &answer.loaded.sources;
    let example = Example::new(witness, answer.loaded);
    let layers: Vec<&str> = example
        .blocked_by
        .iter()
        .map(crate::evaluate::Layer::as_str)
        .collect();
    json!({
        "request": words::witness_json(witness),
        "inCatalog": witness.in_catalog,
        "decision": example.decision.as_str(),
        "why": example.why,
        "blockedBy": layers,
        "decidedBy": example.decided_by.iter().map(|it| place(it, it.span, sources)).collect::<Vec<_>>(),
        "nearMisses": example.near_misses.iter().map(|it| near_miss(it, sources)).collect::<Vec<_>>(),
    })
}
