//! Engine against engine: without each shortcut, and without all of them, no answer changes.

use serde_json::Value;

use super::shortcut::ALL;
use super::shortcut::testing::{missed, without};
use super::{Analysis, Budget, DoubtReason, Found};
use crate::catalog::Catalog;
use crate::json;
use crate::policy::{Document, Kind, lower};

#[path = "../../tests/analyze/generate.rs"]
mod generate;
#[path = "../../tests/analyze/random.rs"]
mod random;
#[path = "../../tests/analyze/vocabulary.rs"]
mod vocabulary;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Contained,
    Not,
    Unknown(DoubtReason),
}

fn read(side: &Value) -> Vec<Vec<Document>> {
    let read = |policy: &Value| {
        let text = policy.to_string();
        lower(json::parse(&text).unwrap().tree.root(), Kind::Identity)
    };
    let layers = side.as_array().unwrap().iter();
    layers.map(|it| vec![read(it)]).collect()
}

fn ask(input: &Value) -> Answer {
    let analysis = Analysis {
        pure: true,
        plain_witnesses: true,
        budget: Budget {
            nodes: 20_000,
            ..Budget::default()
        },
        ..Analysis::new(Catalog::builtin())
    };
    let (a, b) = (read(&input["a"]), read(&input["b"]));
    let a: Vec<&[Document]> = a.iter().map(Vec::as_slice).collect();
    let b: Vec<&[Document]> = b.iter().map(Vec::as_slice).collect();
    match analysis.find_excess(&a, &b) {
        Found::Nothing => Answer::Contained,
        Found::Request(_) => Answer::Not,
        Found::Unknown(doubt) => {
            assert_ne!(doubt.reason, DoubtReason::Internal, "{doubt:?}\n{input}");
            Answer::Unknown(doubt.reason)
        }
    }
}

#[test]
fn no_shortcut_changes_an_answer() {
    const CASES: u64 = 40;
    let is_known = |it: Answer| !matches!(it, Answer::Unknown(_));
    let mut asked = [0; ALL.len() + 1];
    let mut settled = asked;
    for case in 0..CASES {
        let mut random = random::Random::new(case << 20);
        for kind in generate::Pairs::ALL {
            let input = kind.draw(&mut random);
            let usual = ask(&input);
            for at in 0..=ALL.len() {
                let off = ALL.get(at..=at).unwrap_or(&ALL);
                let answer = without(off, || ask(&input));
                if is_known(usual) {
                    asked[at] += 1;
                    settled[at] += usize::from(is_known(answer));
                }
                let differs = is_known(usual) && is_known(answer) && answer != usual;
                assert!(!differs, "{usual:?}, without {off:?} {answer:?}\n{input}");
            }
        }
    }
    for (at, (asked, settled)) in asked.iter().zip(settled).enumerate() {
        let off = ALL.get(at).unwrap_or(&"all");
        println!("without {off}: {settled} of {asked}");
        // Else nothing was compared.
        assert!(
            settled * 10 > asked * 8,
            "without {off}: {settled} of {asked}"
        );
    }
    for shortcut in ALL {
        assert!(missed(shortcut) > 100, "{shortcut}: {}", missed(shortcut));
    }
}
