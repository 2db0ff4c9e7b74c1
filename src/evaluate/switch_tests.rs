//! For each rule of evaluation, some case depends on it: switched off, a decision changes.
#![expect(clippy::disallowed_methods, reason = "tests read their cases")]

use std::collections::BTreeMap;

use super::case::Reader;
use super::{Decision, decide};
use crate::catalog::Catalog;
use crate::switch::testing::without;

/// Rules that decisions in the batch format show. The others show elsewhere: in the findings of
/// `policy::grammar`, or in calls of `simulate` (see their own tests).
const SHOWN_HERE: &[(&str, &[u8])] = &[
    ("T", &[1, 2, 3, 4, 5, 6]),
    ("G", &[1, 3, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15]),
    ("V", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]),
    ("A", &[1, 2, 3, 4, 5, 6]),
    ("R", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]),
    ("P", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14]),
    (
        "C",
        &[
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
            25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
        ],
    ),
    ("E", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]),
    ("X", &[1, 2, 3, 4, 5, 6, 7]),
    ("O", &[1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]),
    ("N", &[1, 2, 3, 4]),
    ("S", &[1, 2, 3, 4, 5, 8, 9, 10]),
    ("M", &[5]),
];

fn lines() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/evaluate/");
    ["first.jsonl", "neutral.jsonl", "differential.jsonl"]
        .iter()
        .flat_map(|file| {
            let text = std::fs::read_to_string(format!("{folder}{file}")).unwrap();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

fn decisions(lines: &[String]) -> Vec<Option<Decision>> {
    let reader = Reader::new(Catalog::builtin());
    lines
        .iter()
        .map(|line| {
            let case = reader.read(line).ok()?;
            Some(decide(&case.policies, &case.request).decision)
        })
        .collect()
}

#[test]
fn every_rule_decides_some_case() {
    let lines = lines();
    let usual = decisions(&lines);
    let mut flips: BTreeMap<String, usize> = BTreeMap::new();
    for (letter, numbers) in SHOWN_HERE {
        for number in *numbers {
            let rule: &'static str = Box::leak(format!("{letter}{number}").into_boxed_str());
            let changed = without(rule, || decisions(&lines));
            let count = usual.iter().zip(&changed).filter(|(a, b)| a != b).count();
            flips.insert(rule.to_owned(), count);
        }
    }
    let idle: Vec<&String> = flips
        .iter()
        .filter(|(_, n)| **n == 0)
        .map(|(rule, _)| rule)
        .collect();
    assert!(idle.is_empty(), "no case depends on these rules: {idle:?}");
}
