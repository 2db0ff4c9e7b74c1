//! For each rule of deriving and of calls, some case of `simulate.jsonl` depends on it: switched off,
//! an answer changes.

use crate::switch::testing::without;

#[path = "../../../tests/simulate/calls.rs"]
mod calls;

const RULES: [&str; 19] = [
    "A7", "C36", "K1", "K2", "K3", "K4", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "P12", "R15",
    "S6", "S7", "S11", "X6",
];

#[test]
fn every_rule_of_calls_decides_some_case() {
    let idle: Vec<_> = RULES
        .into_iter()
        .filter(|rule| without(rule, calls::failures).is_empty())
        .collect();
    assert!(idle.is_empty(), "no case depends on these rules: {idle:?}");
}
