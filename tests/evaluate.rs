//! Every case of `testdata/evaluate`: text in, decision out.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that reads its data and stops where something is missing"
)]

use rolecall::catalog::Catalog;
use rolecall::evaluate::case::Reader;
use rolecall::evaluate::{Decision, decide};
use std::path::{Path, PathBuf};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/evaluate");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let cases = ["first.jsonl", "neutral.jsonl", "differential.jsonl"];
            cases.iter().any(|name| path.ends_with(name))
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_case_decides_as_expected() {
    let reader = Reader::new(Catalog::builtin());
    let mut wrong = Vec::new();
    let mut count = 0;
    for file in files() {
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let case = reader
                .read(line)
                .unwrap_or_else(|error| panic!("{error:?}: {line}"));
            let json: serde_json::Value = serde_json::from_str(line).unwrap();
            let expected = json["expected"]["decision"].as_str().unwrap();
            let decision = decide(&case.policies, &case.request).decision;
            let denied = matches!(
                decision,
                Decision::ImplicitlyDenied | Decision::ExplicitlyDenied
            );
            count += 1;
            if decision.as_str() != expected && !(expected == "Denied" && denied) {
                wrong.push(format!(
                    "{} expected {expected}, got {}",
                    case.id,
                    decision.as_str()
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
