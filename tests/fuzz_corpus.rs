//! Replays the corpora of the fuzz targets on the ordinary toolchain.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test that reads its data and names what it is at"
)]

use std::path::Path;

use proptest::prelude::*;

#[path = "../fuzz/checks.rs"]
mod checks;

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut replayed = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        check(&std::fs::read(path).unwrap());
        replayed += 1;
    }
    assert!(replayed > 0, "no corpus for {target}");
}

#[test]
fn parse() {
    replay("parse", checks::parse);
    replay("wrappers", checks::parse);
}

#[test]
fn wrappers() {
    replay("wrappers", checks::wrappers);
    replay("parse", checks::wrappers);
}

#[test]
fn evaluate() {
    replay("evaluate", checks::evaluate);
    replay("parse", checks::evaluate);
}

#[test]
fn evidence() {
    replay("parse", checks::evidence);
    replay("wrappers", checks::evidence);
}

#[test]
fn lint() {
    replay("parse", checks::lint);
    replay("wrappers", checks::lint);
}

/// Evidence, and evidence with bytes cut out, doubled, swapped and changed. `EVIDENCE_MUTATIONS` says
/// how many of each there are.
#[test]
fn damaged_evidence_makes_profiles_without_errors() {
    let count = std::env::var("EVIDENCE_MUTATIONS").map_or(40, |it| it.parse().unwrap());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/evidence");
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = |below: usize| {
        // xorshift64: the same texts on every run.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below.max(1) as u64).unwrap()
    };
    for name in ["calls.txt", "trail.json", "lines.jsonl", "errors.log"] {
        let whole = std::fs::read(root.join(name)).unwrap();
        checks::evidence(&whole);
        for _ in 0..count {
            let mut bytes = whole.clone();
            for _ in 0..=next(6) {
                let (at, length) = (next(bytes.len()), 1 + next(40));
                let end = (at + length).min(bytes.len());
                match next(5) {
                    0 => drop(bytes.drain(at..end)),
                    1 => {
                        let part = bytes[at..end].to_vec();
                        let to = next(bytes.len());
                        bytes.splice(to..to, part);
                    }
                    2 => bytes[at] = b"{}\"'*:/=#\n $"[next(12)],
                    3 => bytes.truncate(bytes.len() - next(bytes.len() / 4)),
                    _ => {
                        let other = next(bytes.len());
                        bytes.swap(at, other);
                    }
                }
                if bytes.is_empty() {
                    bytes.push(b'{');
                }
            }
            checks::evidence(&bytes);
        }
    }
}

/// Real policies, cut, doubled and mixed up: what people have half-way through an edit.
/// `LINT_MUTATIONS` says how many of each there are.
#[test]
fn damaged_policies_can_be_linted_and_fixed() {
    let count = std::env::var("LINT_MUTATIONS").map_or(1, |it| it.parse().unwrap());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/policies");
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "json") {
            texts.push(std::fs::read_to_string(path).unwrap());
        }
    }
    texts.sort();
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |below: usize| {
        // xorshift64: the same texts on every run.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below.max(1) as u64).unwrap()
    };
    for text in &texts {
        for _ in 0..count {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            for _ in 0..=next(3) {
                let at = next(lines.len());
                match next(5) {
                    0 => drop(lines.remove(at)),
                    1 => {
                        let line = lines[next(lines.len())].clone();
                        lines.insert(at, line);
                    }
                    2 => {
                        let other = next(lines.len());
                        lines.swap(at, other);
                    }
                    3 => lines[at] = lines[at].replacen(['a', '"', ':', '*'], "", 1),
                    _ => lines[at] = lines[at].to_uppercase(),
                }
                if lines.is_empty() {
                    lines.push(String::new());
                }
            }
            checks::lint(lines.join("\n").as_bytes());
        }
    }
}

proptest! {
    #[test]
    fn any_choices_can_be_decided(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        checks::evaluate(&bytes);
    }
}
