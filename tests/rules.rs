//! Runs the examples of every rule's page, and every rule over the real policies.
//!
//! One test for a rule, named by its folder: `cargo test --test rules pass-role`. With `BLESS=1`
//! the `text finding` and `json fixed` blocks and `hits.txt` are written anew: read the diff.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test harness that reads and writes the pages of rules"
)]

#[path = "rules/corpus.rs"]
mod corpus;
#[path = "rules/example.rs"]
mod example;
#[path = "rules/mistakes.rs"]
mod mistakes;
#[path = "rules/page.rs"]
mod page;
#[path = "rules/paths.rs"]
mod paths;

use libtest_mimic::{Arguments, Failed, Trial};
use rolecall::rule;

/// A look at all rules at once.
type Whole = (&'static str, fn() -> Result<(), String>);

fn main() {
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = rule::rules()
        .iter()
        .map(|rule| Trial::test(rule.meta.name, move || failed(example::check(rule))))
        .collect();
    let whole: [Whole; 7] = [
        ("every-rule-on-real-policies", corpus::hits_are_as_recorded),
        ("names-and-codes-are-unique", corpus::names_are_unique),
        ("every-problem-has-a-rule", corpus::problems_have_rules),
        (
            "access-analyzer-codes-are-covered",
            corpus::codes_are_covered,
        ),
        ("one-mistake-is-one-finding", mistakes::are_said_once),
        ("pathfinding-ids-are-covered", paths::paths_are_covered),
        ("calls-of-paths-are-in-the-catalog", paths::calls_are_known),
    ];
    trials.extend(
        whole
            .into_iter()
            .map(|(name, test)| Trial::test(name, move || failed(test()))),
    );
    libtest_mimic::run(&arguments, trials).exit();
}

fn failed(result: Result<(), String>) -> Result<(), Failed> {
    result.map_err(Failed::from)
}
