//! Every call of `testdata/evaluate/simulate.jsonl`: what was given in, what came of it out.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that reads its data and stops where something is missing"
)]

use std::path::Path;

use rolecall::catalog::Catalog;
use rolecall::evaluate::call::{Call, CallResource, Outcome, Scenario, decide_call};
use rolecall::evaluate::case::Reader;
use rolecall::evaluate::{Action, Decision, Policies, Principal, Settings, decide, explain};
use serde_json::Value;

/// Reads the policies of a case the way `--batch` does.
fn policies(case: &Value) -> Policies {
    let call = &case["call"];
    let mut line = case.clone();
    let principal = match &call["principal"] {
        Value::Null => Value::from("arn:aws:iam::111111111111:user/x"),
        given => given.clone(),
    };
    line["request"] = serde_json::json!({
        "principal": principal,
        "action": call["action"],
        "resource": call["resources"][0]["arn"],
        "resourceAccount": call["resourceAccount"],
        "context": call["context"],
    });
    let case = Reader::new(Catalog::builtin()).read(&line.to_string());
    case.unwrap_or_else(|error| panic!("{error:?}: {line}"))
        .policies
}

fn context(value: &Value) -> Vec<(String, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let pairs = value.as_object().into_iter().flatten();
    pairs
        .map(|(key, value)| match value {
            Value::Array(values) => (key.clone(), values.iter().map(text).collect()),
            value => (key.clone(), vec![text(value)]),
        })
        .collect()
}

fn settings(case: &Value) -> Settings {
    let mut settings = Settings::default();
    for (group, values) in case["settings"].as_object().into_iter().flatten() {
        for (name, value) in values.as_object().unwrap() {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            settings.set(&format!("{group}.{name}"), &text).unwrap();
        }
    }
    settings.lacks_resource_policy = case["resourcePolicy"].is_null();
    settings
}

fn outcome(case: &Value, policies: &Policies) -> Outcome {
    let call = &case["call"];
    let principal = match &call["principal"] {
        Value::Null => None,
        Value::Object(_) => Some(Principal::Anonymous),
        text => Some(Principal::parse(text.as_str().unwrap()).unwrap()),
    };
    let resources: Vec<CallResource> = call["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| CallResource {
            arn: it["arn"].as_str().unwrap().to_owned(),
            context: context(&it["context"]),
        })
        .collect();
    let call = Call {
        principal: principal.as_ref(),
        action: &Action::parse(call["action"].as_str().unwrap()).unwrap(),
        resources: &resources,
        resource_account: call["resourceAccount"].as_str(),
        context: &context(&call["context"]),
        absent: &[],
        complete: call["contextComplete"].as_bool().unwrap(),
        scenario: call["scenario"]
            .as_str()
            .map(|name| Scenario::parse(name).unwrap()),
        settings: settings(case),
    };
    decide_call(policies, &call, Catalog::builtin())
}

fn unknown(outcome: &Outcome, policies: &Policies) -> Vec<String> {
    let mut unknown = Vec::new();
    for decided in &outcome.resources {
        unknown.extend(explain(policies, &decided.derived.request).unknown);
        unknown.extend(decided.owner_decides.then(|| "X6".to_owned()));
    }
    unknown
}

fn texts(value: &Value) -> Vec<String> {
    let texts = value.as_array().into_iter().flatten();
    texts.map(|it| it.as_str().unwrap().to_owned()).collect()
}

/// Returns what differs from what a case expects.
fn differences(case: &Value) -> Vec<String> {
    let policies = policies(case);
    let expected = &case["expected"];
    let mut wrong = Vec::new();
    if case["call"]["catalog"] == false {
        // Nothing is derived or dropped: the case of one request, as `--batch` decides it.
        let mut line = case.clone();
        line["request"] = case["call"].clone();
        line["request"]["resource"] = case["call"]["resources"][0]["arn"].clone();
        let case = Reader::new(Catalog::builtin())
            .read(&line.to_string())
            .unwrap();
        let decision = decide(&case.policies, &case.request).decision;
        if decision.as_str() != expected["decision"] {
            wrong.push(format!("decision {}", decision.as_str()));
        }
        return wrong;
    }
    let outcome = outcome(case, &policies);
    if let Some(decision) = expected["decision"].as_str()
        && outcome.decision.as_str() != decision
    {
        wrong.push(format!(
            "decision {} instead of {decision}",
            outcome.decision.as_str()
        ));
    }
    let each: Vec<&str> = outcome
        .resources
        .iter()
        .map(|it| it.verdict.decision.as_str())
        .collect();
    if !expected["resources"].is_null() && texts(&expected["resources"]) != each {
        wrong.push(format!("resources {each:?}"));
    }
    let unknown = unknown(&outcome, &policies);
    for key in texts(&expected["unknown"]) {
        if !unknown.contains(&key) {
            wrong.push(format!("unknown {unknown:?} without {key}"));
        }
    }
    if outcome.decision == Decision::Unknown
        && unknown.is_empty()
        && outcome.missing_resource_types.is_empty()
    {
        wrong.push("unknown without a reason".into());
    }
    if !expected["missingResourceTypes"].is_null() {
        let mut missing = outcome.missing_resource_types.clone();
        let mut wanted = texts(&expected["missingResourceTypes"]);
        missing.sort();
        wanted.sort();
        if missing != wanted {
            wrong.push(format!("missing {missing:?}"));
        }
    }
    if let Some(wanted) = expected["alsoNeeds"].as_array() {
        let has = |entry: &Value| {
            outcome.also_needs.iter().any(|it| {
                let pairs = entry["context"].as_object().into_iter().flatten();
                it.action == entry["action"]
                    && pairs
                        .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
                        .all(|pair| it.context.contains(&pair))
            })
        };
        if !wanted.iter().all(has) || wanted.is_empty() && !outcome.also_needs.is_empty() {
            wrong.push(format!("also needs {:?}", outcome.also_needs));
        }
    }
    wrong
}

#[test]
fn every_call_comes_out_as_expected() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/evaluate/simulate.jsonl");
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        count += 1;
        let differences = differences(&case);
        if !differences.is_empty() {
            wrong.push(format!("{}: {}", case["id"], differences.join("; ")));
        }
    }
    assert_eq!(count, 155);
    assert!(
        wrong.is_empty(),
        "{} of {count} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
