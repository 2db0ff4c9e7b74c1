//! Policies with one typical mistake, of which one rule is to speak and no other.

use std::path::Path;

use rolecall::catalog::Catalog;
use rolecall::policy::Kind;
use rolecall::rule::{Job, Lists, Memo, Selection, lint_text};
use rolecall::source::Sources;

/// Lints each policy for developers and compares the rules that speak with the one that is named.
pub(crate) fn are_said_once() -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lint/mistakes.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let selected = Selection::default().resolve().unwrap();
    let memo = Memo::new(Catalog::builtin());
    let lists = Lists::default();
    let mut problems = Vec::new();
    for line in text.lines().filter(|it| !it.starts_with('#')) {
        let mut parts = line.splitn(3, ' ');
        let (Some(kind), Some(rule), Some(policy)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(format!("not a kind, a rule and a policy: {line}"));
        };
        let mut sources = Sources::new();
        let file = sources.add("policy.json", policy.to_owned());
        let job = Job {
            selected: &selected,
            lists: &lists,
            kind: Kind::parse(kind),
        };
        let linted = lint_text(&sources, file, job, &memo);
        let spoken: Vec<&str> = linted.findings.iter().map(|it| it.rule).collect();
        if spoken != [rule] {
            problems.push(format!("{rule} is to speak, not {spoken:?}: {policy}"));
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}
