//! The answer for programs: `rolecall/compare/v1`.

use serde_json::{Value, json};

use super::beyond::Beyond;
use super::text::beyond;
use super::{Answer, Within};
use crate::analyze::Doubt;
use crate::cli::simulate::json::{finding, place};
use crate::cli::words;
use crate::source::Sources;

/// Returns the answer as JSON.
pub(super) fn answer(answer: &Answer<'_>) -> String {
    let loaded = &answer.sides.loaded;
    let sources = &loaded.sources;
    let all = |gained: bool| -> Vec<Value> {
        let all = beyond(answer, gained);
        all.iter().map(|it| access(it, sources)).collect()
    };
    let doubts = answer.gained.doubts.iter().chain(&answer.lost.doubts);
    let info = answer.catalog.info();
    let facts = if answer.rests_on_facts {
        words::facts_json()
    } else {
        Vec::new()
    };
    let value = json!({
        "schema": "rolecall/compare/v1",
        "verdict": answer.verdict.as_str(),
        "newAccess": answer.new_access,
        "newInOld": within(&answer.new_in_old),
        "oldInNew": within(&answer.old_in_new),
        "gained": all(true),
        "lost": all(false),
        "complete": !answer.gained.more && !answer.lost.more,
        "undecided": words::doubts_json(doubts),
        "facts": facts,
        "assumptions": loaded.assumptions,
        "findings": loaded.findings.iter().map(|it| finding(it, sources)).collect::<Vec<_>>(),
        "unread": loaded.unread.iter().map(|it| finding(it, sources)).collect::<Vec<_>>(),
        "catalog": { "date": info.date, "hash": info.hash },
    });
    format!("{value:#}\n")
}

fn within(within: &Within) -> Value {
    match within {
        Within::Yes => json!({ "verdict": "contained", "catalogVerdict": "contained" }),
        Within::Today(witness) => json!({
            "verdict": "not",
            "catalogVerdict": "contained",
            "example": words::witness_json(witness),
        }),
        Within::No(witness) => json!({
            "verdict": "not",
            "catalogVerdict": "not",
            "example": words::witness_json(witness),
        }),
        Within::Unknown(why) => {
            let mut value = doubt(why);
            value["verdict"] = json!("unknown");
            value["catalogVerdict"] = json!("unknown");
            value
        }
    }
}

fn doubt(doubt: &Doubt) -> Value {
    json!({ "reason": doubt.reason.as_str(), "detail": doubt.detail })
}

fn access(beyond: &Beyond<'_>, sources: &Sources) -> Value {
    let excess = beyond.excess;
    let lack = &beyond.lack;
    let other = lack.place.as_ref();
    json!({
        "text": beyond.what,
        "actions": excess.actions,
        "notActions": beyond.statement.action.negated,
        "tomorrow": excess.tomorrow,
        "resources": excess.resources,
        "notResources": beyond.statement.resource.as_ref().is_some_and(|it| it.negated),
        "conditions": words::conditions_json(beyond.statement),
        "allowedBy": place(&beyond.place, beyond.place.span, sources),
        "why": {
            "class": lack.class,
            "text": lack.text,
            "at": other.map(|it| place(it, it.matching.first().copied().unwrap_or(it.span), sources)),
        },
        "example": words::witness_json(&excess.witness),
        "exampleInCatalog": excess.witness.in_catalog,
    })
}
