//! Little budget may leave a question open, but never answers it otherwise.

use rolecall::analyze::{Analysis, Budget, Found};
use rolecall::policy::Document;
use serde_json::{Value, json};

use super::generate::Pairs;
use super::{Answer, ask, check, pure};

const ONE: [fn(&mut Budget); 3] = [
    |it| it.nodes = 1,
    |it| it.states = 1,
    |it| it.assignments = 1,
];

fn no_other_answer(input: &Value) -> Result<(), String> {
    let (a, b) = (&input["a"], &input["b"]);
    let usual = ask(&pure(), a, b)?;
    for (at, lower) in ONE.iter().enumerate() {
        let mut budget = Budget::default();
        lower(&mut budget);
        let analysis = Analysis { budget, ..pure() };
        let answer = ask(&analysis, a, b)?;
        let is_same = answer == usual || matches!(answer, Answer::Unknown(_));
        // With less work it may even know more, of what no work settles.
        if !is_same && !matches!(usual, Answer::Unknown(_)) {
            return Err(format!("{usual:?}, with budget {at} lowered {answer:?}"));
        }
    }
    Ok(())
}

#[test]
fn little_budget_changes_no_answer() {
    for kind in Pairs::ALL {
        check(30, |random| kind.draw(random), no_other_answer);
    }
}

/// The catalog of real actions and the open reading are two ways to find the same request, if the
/// catalog's way knows its action.
#[test]
fn a_catalog_that_holds_the_witness_finds_one_too() {
    let closed = Analysis {
        open_actions: false,
        ..pure()
    };
    let counted = std::cell::Cell::new(0);
    for kind in Pairs::ALL {
        check(
            15,
            |random| kind.draw(random),
            |input| {
                let layers = |side: &str| super::read(&input[side]);
                let (a, b) = (layers("a"), layers("b"));
                let a: Vec<&[Document]> = a.iter().map(Vec::as_slice).collect();
                let b: Vec<&[Document]> = b.iter().map(Vec::as_slice).collect();
                let Found::Request(witness) = pure().find_excess(&a, &b) else {
                    return Ok(());
                };
                // Spelt out by a statement that never applies, the action is one of the catalog's.
                let mut input = input.clone();
                let never = json!({"Effect": "Deny", "Action": &*witness.request.action.text,
                    "Resource": "*", "Condition": {
                        "Null": {"x:never": "true"}, "StringEquals": {"x:never": "y"}}});
                for side in ["a", "b"] {
                    for layer in input[side].as_array_mut().unwrap() {
                        super::generate::statements(layer).push(never.clone());
                    }
                }
                counted.set(counted.get() + 1);
                match ask(&closed, &input["a"], &input["b"])? {
                    Answer::Contained => Err(format!("only open: {:?}", witness.request)),
                    _ => Ok(()),
                }
            },
        );
    }
    assert!(counted.get() > 10);
}

#[test]
fn catalog_and_facts_only_take_requests_away() {
    let facts = Analysis {
        pure: false,
        ..pure()
    };
    let closed = Analysis {
        open_actions: false,
        ..pure()
    };
    for kind in Pairs::ALL {
        check(
            12,
            |random| kind.draw(random),
            |input| {
                let (a, b) = (&input["a"], &input["b"]);
                let usual = ask(&pure(), a, b)?;
                for (name, analysis) in [("facts", facts), ("catalog", closed)] {
                    let answer = ask(&analysis, a, b)?;
                    if usual == Answer::Contained && answer == Answer::Not {
                        return Err(format!("contained, but not with {name}"));
                    }
                }
                Ok(())
            },
        );
    }
}
