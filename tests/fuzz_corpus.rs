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
fn lint() {
    replay("parse", checks::lint);
    replay("wrappers", checks::lint);
}

proptest! {
    #[test]
    fn any_choices_can_be_decided(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        checks::evaluate(&bytes);
    }
}
