//! Every call of `testdata/evaluate/simulate.jsonl` comes out as expected.

// The attribute tells clippy that its helpers are tests.
#[cfg(test)]
#[path = "simulate/calls.rs"]
mod calls;

use calls::{cases, failures};

#[test]
fn every_call_comes_out_as_expected() {
    assert_eq!(cases().len(), 157);
    let wrong = failures();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
