//! The exact engine against itself, against laws, and against requests that `evaluate` decides.
//!
//! Policies are random but the same on every machine. `ANALYZE_CASES` multiplies how many (the
//! default runs in seconds), `ANALYZE_SEED` starts elsewhere. A failure is cut down first and shown
//! as JSON.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests that read their settings, say what they counted and stop where something is wrong"
)]

#[path = "analyze/adversarial.rs"]
mod adversarial;
#[path = "analyze/budgets.rs"]
mod budgets;
#[expect(dead_code, reason = "whole cases are enough here")]
#[path = "naive/generate.rs"]
mod cases_of_all_layers;
#[path = "analyze/corpus.rs"]
mod corpus;
#[path = "analyze/found.rs"]
mod found;
#[path = "analyze/generate.rs"]
mod generate;
#[path = "analyze/laws.rs"]
mod laws;
#[path = "analyze/layered.rs"]
mod layered;
#[path = "naive/evaluate.rs"]
mod naive;

#[path = "analyze/principals.rs"]
mod principals;
#[path = "analyze/random.rs"]
mod random;
#[path = "analyze/refute.rs"]
mod refute;
#[path = "analyze/sample.rs"]
mod sample;
#[path = "analyze/variables.rs"]
mod variables;
#[path = "analyze/vocabulary.rs"]
mod vocabulary;

use std::panic::{AssertUnwindSafe, catch_unwind};

use random::Random;
use rolecall::analyze::{Analysis, DoubtReason, Found};
use rolecall::catalog::Catalog;
use rolecall::json;
use rolecall::policy::{Document, Kind, lower};
use serde_json::Value;

pub(crate) fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |it| it.parse().unwrap())
}

pub(crate) fn cases(count: usize) -> usize {
    count * usize::try_from(number("ANALYZE_CASES", 1)).unwrap()
}

/// Without facts, which hold for all requests that random policies are about or for none.
pub(crate) fn pure() -> Analysis<'static> {
    Analysis {
        pure: true,
        plain_witnesses: true,
        ..Analysis::new(Catalog::builtin())
    }
}

pub(crate) fn read_as(policy: &Value, kind: Kind) -> Document {
    let text = policy.to_string();
    let parsed = json::parse(&text).unwrap_or_else(|error| panic!("{error:?}: {text}"));
    lower(parsed.tree.root(), kind)
}

/// Reads a side: its layers, a document each.
pub(crate) fn read(side: &Value) -> Vec<Vec<Document>> {
    let layers = side.as_array().unwrap().iter();
    layers.map(|it| vec![read_as(it, Kind::Identity)]).collect()
}

/// What the engine says; a witness was looked at again, and a disagreement is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Contained,
    Not,
    Unknown(DoubtReason),
}

pub(crate) fn ask(analysis: &Analysis<'_>, a: &Value, b: &Value) -> Result<Answer, String> {
    let (a, b) = (read(a), read(b));
    let of = |layers: &'_ [Vec<Document>]| -> Vec<Vec<Document>> { layers.to_vec() };
    let (own, others) = (of(&a), of(&b));
    let a_layers: Vec<&[Document]> = own.iter().map(Vec::as_slice).collect();
    let b_layers: Vec<&[Document]> = others.iter().map(Vec::as_slice).collect();
    match analysis.find_excess(&a_layers, &b_layers) {
        Found::Nothing => Ok(Answer::Contained),
        Found::Unknown(doubt) if doubt.reason == DoubtReason::Internal => Err(doubt.detail),
        Found::Unknown(doubt) => Ok(Answer::Unknown(doubt.reason)),
        Found::Request(witness) => {
            let by = |side: &[Vec<Document>]| sample::allows(side, &witness.request);
            match (by(&a), by(&b)) {
                (Some(true), Some(false)) => Ok(Answer::Not),
                other => Err(format!("witness is {other:?}: {:?}", witness.request)),
            }
        }
    }
}

/// Checks a property of random inputs; one that fails is cut down and shown.
pub(crate) fn check(
    count: usize,
    draw: impl Fn(&mut Random) -> Value,
    property: impl Fn(&Value) -> Result<(), String>,
) {
    let seed = number("ANALYZE_SEED", 1);
    let property = |input: &Value| -> Result<(), String> {
        catch_unwind(AssertUnwindSafe(|| property(input))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            Err(format!("panic: {}", text.unwrap_or_default()))
        })
    };
    for case in 0..cases(count) {
        let mut random = Random::new(seed.wrapping_mul(1_000_003) ^ (case as u64) << 20);
        let input = draw(&mut random);
        if property(&input).is_err() {
            let small = shrunk(&input, &|it| property(it).is_err());
            let error = property(&small).unwrap_err();
            panic!("case {case}: {error}\n{small}");
        }
    }
}

/// Leaves out what a failure does not need.
fn shrunk(input: &Value, fails: &dyn Fn(&Value) -> bool) -> Value {
    let mut input = input.clone();
    let mut left = 2_000;
    loop {
        let smaller = without_one(&input).into_iter().find(|it| {
            left -= 1;
            left > 0 && catch_unwind(AssertUnwindSafe(|| fails(it))).unwrap_or(false)
        });
        match smaller {
            Some(smaller) => input = smaller,
            None => return input,
        }
    }
}

/// Everything that comes of leaving one thing out.
fn without_one(value: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    match value {
        Value::Array(items) => {
            for at in 0..items.len() {
                if items.len() > 1 {
                    let mut fewer = items.clone();
                    fewer.remove(at);
                    found.push(fewer.into());
                }
                for smaller in without_one(&items[at]) {
                    let mut others = items.clone();
                    others[at] = smaller;
                    found.push(others.into());
                }
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let is_needed = [
                    "a",
                    "b",
                    "c",
                    "Statement",
                    "Effect",
                    "Version",
                    "seed",
                    "mode",
                ];
                let is_element = name.ends_with("Action") || name.ends_with("Resource");
                if !is_needed.contains(&name.as_str()) && !is_element {
                    let mut fewer = members.clone();
                    fewer.remove(name);
                    found.push(fewer.into());
                }
                for smaller in without_one(member) {
                    let mut others = members.clone();
                    others.insert(name.clone(), smaller);
                    found.push(others.into());
                }
            }
        }
        _ => {}
    }
    found
}
