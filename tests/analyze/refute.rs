//! Tries to refute what the engine claims: no sampled request may be allowed by A and not by B
//! where A is contained in B. What it shows is looked at again, too (`ask`).

use std::cell::RefCell;
use std::collections::BTreeMap;

use rolecall::policy::{Document, Effect, Statement};
use serde_json::{Value, json};

use super::generate::Pairs;
use super::random::Random;
use super::sample::{Sampler, allows};
use super::{Answer, ask, check, number, pure, read};

/// Statements of A that together can allow: one Allow of each layer.
fn aims<'d>(random: &mut Random, a: &'d [Vec<Document>]) -> Vec<&'d Statement> {
    let of = |layer: &'d Vec<Document>| -> Vec<&'d Statement> {
        let all = layer.iter().flat_map(|it| &it.statements);
        all.filter(|it| it.effect == Effect::Allow).collect()
    };
    let layers: Vec<Vec<&Statement>> = a.iter().map(of).collect();
    let layers = layers.iter().filter(|it| !it.is_empty());
    layers.map(|it| *random.pick(it)).collect()
}

#[derive(Debug, Default)]
struct Tally {
    answers: BTreeMap<String, usize>,
    samples: usize,
    /// Of these A allows so many.
    allowed: usize,
    /// Samples near an A that allows nothing.
    of_nothing: usize,
    /// Requests that settle what the engine did not know.
    excess: usize,
}

/// Asks about a pair, and about so many requests near it.
fn refute(input: &Value, samples: usize, tally: &mut Tally) -> Result<(), String> {
    let answer = ask(&pure(), &input["a"], &input["b"])?;
    *tally.answers.entry(format!("{answer:?}")).or_default() += 1;
    if answer == Answer::Not {
        return Ok(());
    }
    // Where A allows nothing there is nothing to hit, but a miss would refute that as well.
    let nothing = json!([{"Version": "2012-10-17", "Statement": []}]);
    let is_empty = ask(&pure(), &input["a"], &nothing)? == Answer::Contained;
    let (a, b) = (read(&input["a"]), read(&input["b"]));
    let layers = ["a", "b"]
        .iter()
        .flat_map(|it| input[it].as_array().unwrap());
    let sampler = Sampler::new(layers);
    let mut random = Random::new(7);
    for _ in 0..samples {
        let aims = aims(&mut random, &a);
        let request = sampler.draw(&mut random, &aims, |it| allows(&a, it) == Some(true));
        let is_allowed = allows(&a, &request);
        if is_empty {
            tally.of_nothing += 1;
        } else {
            tally.samples += 1;
        }
        tally.allowed += usize::from(is_allowed == Some(true));
        if is_allowed != Some(true) || allows(&b, &request) == Some(true) {
            continue;
        }
        if answer == Answer::Contained || is_empty {
            return Err(format!("said to be contained, but {request:?}"));
        }
        // The engine did not know; now we do.
        tally.excess += 1;
        break;
    }
    Ok(())
}

fn run(kind: Pairs, count: usize) {
    let tally = RefCell::new(Tally::default());
    let samples = usize::try_from(number("ANALYZE_SAMPLES", 40)).unwrap();
    check(
        count,
        |random| kind.draw(random),
        |input| refute(input, samples, &mut tally.borrow_mut()),
    );
    let tally = tally.into_inner();
    println!("{kind:?}: {tally:?}");
    // Else the sampler is too weak to refute anything.
    assert!(tally.allowed * 4 >= tally.samples, "{kind:?}: {tally:?}");
    let of = |name: &str| tally.answers.get(name).copied().unwrap_or(0);
    assert!(of("Contained") * 10 >= count, "{kind:?}: {tally:?}");
    assert!(of("Not") * 10 >= count, "{kind:?}: {tally:?}");
}

#[test]
fn nothing_refutes_what_is_contained_with_all_operators() {
    run(Pairs::Operators, 120);
}

#[test]
fn nothing_refutes_what_is_contained_with_templates() {
    run(Pairs::Templates, 120);
}

#[test]
fn nothing_refutes_what_is_contained_after_splits() {
    run(Pairs::Splits, 120);
}

#[test]
fn nothing_refutes_what_is_contained_in_layers() {
    run(Pairs::Layers, 120);
}
