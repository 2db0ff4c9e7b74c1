//! Shows for each rule with a case of findings that some case depends on it.

#![expect(clippy::disallowed_methods, reason = "tests read testdata")]

use std::collections::{BTreeMap, BTreeSet};

use super::problems;
use crate::json;
use crate::policy::{Kind, lower};
use crate::switch::testing::without;

/// Rules that must have such a case.
const REQUIRED: [&str; 15] = [
    "G2", "G4", "G7", "G9", "G10", "G11", "G12", "G13", "G14", "G15", "G16", "G17", "G18", "O4",
    "O15",
];

struct Case {
    rules: Vec<String>,
    kind: Kind,
    text: String,
}

fn cases() -> Vec<Case> {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/testdata/evaluate/findings.jsonl"
    );
    let lines = std::fs::read_to_string(file).unwrap();
    let case = |line: &str| {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let mut text = case["document"].as_str().unwrap().to_owned();
        if let Some(pad) = case["pad"].as_object() {
            let repeat = usize::try_from(pad["repeat"].as_u64().unwrap()).unwrap();
            let with = pad["with"].as_str().unwrap().repeat(repeat);
            text = text.replace(pad["placeholder"].as_str().unwrap(), &with);
        }
        let rules = case["rules"].as_array().unwrap().iter();
        Case {
            rules: rules.map(|it| it.as_str().unwrap().to_owned()).collect(),
            kind: Kind::parse(case["kind"].as_str().unwrap()).unwrap(),
            text,
        }
    };
    lines.lines().map(case).collect()
}

fn findings(case: &Case) -> Vec<(&'static str, &'static str, crate::source::Span)> {
    let parsed = json::parse(&case.text).unwrap();
    let document = lower(parsed.tree.root(), case.kind);
    let problems = problems(&document, &case.text).into_iter();
    problems.map(|it| (it.rule, it.name, it.span)).collect()
}

#[test]
fn each_rule_has_a_case_that_depends_on_it() {
    let cases = cases();
    let mut dependent: BTreeMap<&str, bool> = BTreeMap::new();
    for case in &cases {
        let with = findings(case);
        for rule in &case.rules {
            let rule: &'static str = rule.clone().leak();
            let changes = without(rule, || findings(case)) != with;
            *dependent.entry(rule).or_default() |= changes;
        }
    }
    let independent: BTreeSet<&str> = dependent
        .iter()
        .filter(|(_, depends)| !**depends)
        .map(|(rule, _)| *rule)
        .collect();
    println!("no case of findings depends on: {independent:?}");
    let missing: Vec<_> = REQUIRED
        .iter()
        .filter(|rule| dependent.get(*rule) != Some(&true))
        .collect();
    assert!(
        missing.is_empty(),
        "no case of findings depends on {missing:?}"
    );
}
