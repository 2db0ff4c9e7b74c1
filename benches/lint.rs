//! Lint on AWS's managed policies: the whole, and what each rule costs by itself.
//!
//! `ROLECALL_MANAGED_POLICIES=FOLDER cargo bench --bench lint` (see `tests/managed-policies.sh`
//! for how to get them); without it the policies of this repository are used. CPU time of one
//! thread, in microseconds a policy; with `-- rules` a line for each rule, the dearest first.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench reads its input and prints what it measured"
)]

use std::path::{Path, PathBuf};

use rolecall::catalog::Catalog;
use rolecall::rule::{self, Job, Lists, Memo, Persona, Selected, Selection, lint_text};
use rolecall::source::{FileId, Sources};

fn now() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "seconds of a bench")]
    let seconds = time.tv_sec as f64 + time.tv_nsec as f64 / 1e9;
    seconds
}

fn json_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            json_files(&path, found);
        } else if path.extension().is_some_and(|it| it == "json") {
            found.push(path);
        }
    }
}

/// Lints every text and returns the CPU seconds and the number of findings.
fn lint(sources: &Sources, files: &[FileId], selected: &Selected, memo: &Memo) -> (f64, usize) {
    let lists = Lists::default();
    let job = Job {
        selected,
        lists: &lists,
        kind: None,
    };
    let start = now();
    let mut findings = 0;
    for file in files {
        findings += lint_text(sources, *file, job, memo).findings.len();
    }
    (now() - start, findings)
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    match std::env::var_os("ROLECALL_MANAGED_POLICIES") {
        Some(folder) => json_files(Path::new(&folder), &mut paths),
        None => {
            json_files(&root.join("policies"), &mut paths);
            json_files(&root.join("testdata/policies"), &mut paths);
        }
    }
    paths.sort();
    let mut sources = Sources::new();
    let files: Vec<FileId> = paths
        .iter()
        .map(|it| {
            sources.add(
                it.display().to_string(),
                std::fs::read_to_string(it).unwrap(),
            )
        })
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a count of files")]
    let count = files.len() as f64;
    let each = |seconds: f64| seconds * 1e6 / count;
    let catalog = Catalog::builtin();

    let start = now();
    let mut bytes = 0;
    for (_, source) in sources.iter() {
        let value: serde_json::Value = serde_json::from_str(&source.text).unwrap();
        bytes += source.text.len();
        std::hint::black_box(value);
    }
    println!(
        "{count} policies, {bytes} bytes; serde_json to a Value: {:.1} µs a policy",
        each(now() - start)
    );
    for persona in Persona::ALL {
        let selection = Selection {
            persona,
            ..Selection::default()
        };
        let selected = selection.resolve().unwrap();
        let name = persona.as_str();
        // The first run reads the catalog.
        let memo = Memo::new(catalog);
        for which in ["cold", "warm"] {
            let (seconds, findings) = lint(&sources, &files, &selected, &memo);
            println!(
                "{name}, {which}: {:.1} µs a policy, {:.0} policies a second, {findings} findings",
                each(seconds),
                count / seconds
            );
        }
    }
    if !std::env::args().any(|it| it == "rules") {
        return;
    }
    let memo = Memo::new(catalog);
    let nothing = Selected { rules: Vec::new() };
    let (base, _) = lint(&sources, &files, &nothing, &memo);
    println!("reading alone: {:.1} µs a policy", each(base));
    let mut rows: Vec<(f64, &str, usize)> = rule::rules()
        .iter()
        .map(|rule| {
            let selected = Selected {
                rules: vec![(rule, rule.meta.finding_type)],
            };
            let runs: Vec<(f64, usize)> = (0..3)
                .map(|_| lint(&sources, &files, &selected, &memo))
                .collect();
            let least = runs.iter().map(|it| it.0).fold(f64::INFINITY, f64::min);
            (least - base, rule.meta.name, runs[0].1)
        })
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (seconds, name, findings) in rows {
        println!("{:>8.2} µs  {name}: {findings}", each(seconds));
    }
}
