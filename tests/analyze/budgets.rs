//! Little budget may leave a question open, but never answers it otherwise.

use rolecall::analyze::{Analysis, Budget};
use serde_json::Value;

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
