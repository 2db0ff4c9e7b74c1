//! Real policies: `testdata/policies`, `policies`, and AWS's managed policies where they are given.
//!
//! Each is read into the model, printed back to the byte, and has the findings it should have.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests that read their data, name what they are at and stop where something is missing"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use rolecall::finding::FindingType;
use rolecall::json;
use rolecall::policy::{Kind, Problem, grammar, lower};

#[expect(dead_code, reason = "one of the checks is of use here")]
#[path = "../fuzz/checks.rs"]
mod checks;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns every JSON file below a folder.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            // What was generated has a test of its own.
            if !path.ends_with("generated") {
                found.append(&mut documents(&path));
            }
        } else if path.extension().is_some_and(|it| it == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Reads a document and returns what is wrong with it.
fn problems(text: &str, kind: Kind) -> Vec<Problem> {
    // Prints it back from its tree, to the byte.
    checks::parse(text.as_bytes());
    let parsed = json::parse(text).unwrap();
    assert!(parsed.oddities.is_empty(), "{:?}", parsed.oddities);
    let root = parsed.tree.root();
    let document = lower(root, kind);
    assert!(document.refusal().is_none(), "{:?}", document.refusal());
    let statements = root.get("Statement").unwrap().one_or_many().count();
    assert_eq!(document.statements.len(), statements);
    grammar::problems(&document, text)
}

/// Returns the kind of each file of `testdata/policies`, as its list of sources tells it.
fn kinds() -> BTreeMap<String, Kind> {
    let text = std::fs::read_to_string(root().join("testdata/policies/SOURCES.md")).unwrap();
    let rows = text.lines().filter(|line| line.contains(".json |"));
    let mut kinds = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [file, publisher, from, licence, what, kind, form] = cells[..] else {
            panic!("{row}");
        };
        assert!(![publisher, licence, what, form].contains(&""), "{row}");
        assert!(from.starts_with("https://"), "{row}");
        let kind = Kind::parse(kind).unwrap_or_else(|| panic!("{row}"));
        let again = kinds.insert(file.to_owned(), kind);
        assert!(again.is_none(), "{file} is listed twice");
    }
    kinds
}

/// Returns the kind of a document of a vendor's profile, which its name tells.
fn kind_in_profile(path: &Path) -> Kind {
    match path.file_stem().unwrap().to_str().unwrap() {
        "permission-boundary" => Kind::Boundary,
        "trust" => Kind::Trust,
        _ => Kind::Identity,
    }
}

#[test]
fn every_document_is_as_its_publisher_meant_it() {
    let mut kinds = kinds();
    let mut all = Vec::new();
    for path in documents(&root().join("testdata/policies")) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let kind = kinds.remove(&name);
        all.push((path, kind.unwrap_or_else(|| panic!("{name} has no source"))));
    }
    assert!(kinds.is_empty(), "sources without a file: {kinds:?}");
    let of_profiles = documents(&root().join("policies")).into_iter();
    all.extend(of_profiles.map(|path| (path.clone(), kind_in_profile(&path))));

    for (path, kind) in &all {
        println!("{}", path.display());
        let text = std::fs::read_to_string(path).unwrap();
        for problem in problems(&text, *kind) {
            println!("  {}: {}", problem.name, problem.message);
            assert_ne!(problem.finding_type, FindingType::Error);
        }
    }
    assert!(all.len() >= 48, "only {} documents", all.len());
}

#[test]
fn every_managed_policy_can_be_read() {
    let Ok(folder) = std::env::var("ROLECALL_MANAGED_POLICIES") else {
        println!(
            "only the committed corpus was looked at: tests/managed-policies.sh fetches AWS's \
             managed policies"
        );
        return;
    };
    let mut passed = 0;
    let mut failed = Vec::new();
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut report = String::new();
    for path in documents(Path::new(&folder)) {
        let file = path.file_name().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let Ok(problems) = catch_unwind(|| problems(&text, Kind::Identity)) else {
            failed.push(file.to_owned());
            continue;
        };
        passed += 1;
        for problem in problems {
            *names.entry(problem.name).or_default() += 1;
            let marked = &text[problem.span.range()];
            let marked: String = marked.chars().take(60).collect();
            let (name, message) = (problem.name, &problem.message);
            let _ = writeln!(report, "{file}: {name}: {message}: {marked}");
        }
    }
    println!("{report}");
    for (name, count) in names {
        println!("{name}: {count}");
    }
    println!("{passed} passed, {} failed", failed.len());
    assert!(passed > 1000 && failed.is_empty(), "{failed:?}");
}
