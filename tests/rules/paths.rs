//! Looks at the escalation paths: every published one has a rule, and every rule says which.

use std::collections::BTreeSet;
use std::path::Path;

use rolecall::catalog::Catalog;
use rolecall::rule::{self, Memo};

/// The ids of paths that pathfinding.cloud publishes, as the file lists them.
fn published() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lint/pathfinding-ids.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text
        .lines()
        .filter(|it| !it.is_empty() && !it.starts_with('#'));
    lines
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect()
}

/// Every published path is among the `peers` of some rule, every rule names those that its data
/// has, and nothing else is named.
pub(crate) fn paths_are_covered() -> Result<(), String> {
    let published = published();
    let mut problems = Vec::new();
    let mut covered = BTreeSet::new();
    for rule in rule::rules() {
        let peers = rule.meta.peers.iter();
        let named: BTreeSet<&str> = peers
            .filter_map(|it| it.strip_prefix("pathfinding:"))
            .collect();
        let family = rule::families().iter().find(|it| it.rule == rule.meta.name);
        let own: BTreeSet<&str> = family
            .iter()
            .flat_map(|it| it.paths)
            .flat_map(|it| it.ids)
            .copied()
            .collect();
        if named != own {
            problems.push(format!(
                "{}: `peers` has {named:?}, its paths have {own:?}",
                rule.meta.name
            ));
        }
        covered.extend(named.into_iter().map(str::to_owned));
    }
    for family in rule::families() {
        if !rule::rules().iter().any(|it| it.meta.name == family.rule) {
            problems.push(format!("`{}` has paths and is no rule", family.rule));
        }
    }
    let missing: Vec<_> = published.difference(&covered).collect();
    let unknown: Vec<_> = covered.difference(&published).collect();
    if !missing.is_empty() {
        problems.push(format!("paths without a rule: {missing:?}"));
    }
    if !unknown.is_empty() {
        problems.push(format!("paths that nobody publishes: {unknown:?}"));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}

/// Every call of a path is an action of the catalog.
pub(crate) fn calls_are_known() -> Result<(), String> {
    let memo = Memo::new(Catalog::builtin());
    let mut problems = Vec::new();
    for family in rule::families() {
        for call in family.paths.iter().flat_map(|it| it.calls) {
            let found = memo.expand(call.folded);
            if !found.iter().any(|it| it.name() == call.action) {
                problems.push(format!("{}: no action `{}`", family.rule, call.action));
            }
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}
