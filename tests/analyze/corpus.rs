//! Real policies: `testdata/policies`, and AWS's managed ones where `ROLECALL_MANAGED_POLICIES`
//! names their folder. Containment is an order on them, and what it costs is counted in nodes of
//! the search, which no machine changes.

use std::path::Path;

use rolecall::analyze::{Analysis, Cost, Found};
use rolecall::json;
use rolecall::policy::{Document, Kind, lower};

use super::pure;

fn policies(folder: &Path) -> Vec<(String, Document)> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|it| it.unwrap().path()).collect();
    files.retain(|it| it.extension().is_some_and(|it| it == "json"));
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).unwrap();
        let document = lower(json::parse(&text).unwrap().tree.root(), Kind::Identity);
        (name, document)
    };
    let all = files.iter().map(read);
    all.filter(|(_, it)| it.refusal().is_none()).collect()
}

fn committed() -> Vec<(String, Document)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/policies");
    let mut found = policies(&folder);
    // Trust policies have no resources to compare.
    found.retain(|(name, _)| !name.ends_with("-trust"));
    found
}

/// What each contains of the others, and what it cost to know.
struct Matrix {
    contained: Vec<Vec<Option<bool>>>,
    nodes: Vec<usize>,
}

fn matrix(analysis: &Analysis<'_>, policies: &[(String, Document)]) -> Matrix {
    let mut nodes = Vec::new();
    let mut ask = |(a, b): (&(String, Document), &(String, Document))| {
        let mut cost = Cost::default();
        let side = |it| std::slice::from_ref(it);
        let found = analysis.find_excess_at(&[side(&a.1)], &[side(&b.1)], &mut cost);
        nodes.push(cost.nodes);
        match found {
            Found::Nothing => Some(true),
            Found::Request(_) => Some(false),
            Found::Unknown(doubt) => {
                println!("{} in {}: {doubt:?}", a.0, b.0);
                None
            }
        }
    };
    let contained = policies
        .iter()
        .map(|a| policies.iter().map(|b| ask((a, b))).collect())
        .collect();
    Matrix { contained, nodes }
}

/// Checks that containment is an order, and returns how many triples said so.
fn is_an_order(matrix: &Matrix, policies: &[(String, Document)]) -> usize {
    let mut triples = 0;
    for (a, row) in matrix.contained.iter().enumerate() {
        assert_eq!(row[a], Some(true), "{} in itself", policies[a].0);
        for (b, in_b) in row.iter().enumerate() {
            if *in_b != Some(true) {
                continue;
            }
            for (c, in_c) in matrix.contained[b].iter().enumerate() {
                if *in_c == Some(true) {
                    let names = [a, b, c].map(|at| &policies[at].0);
                    assert_ne!(row[c], Some(false), "{names:?}");
                    triples += 1;
                }
            }
        }
    }
    triples
}

/// The committed policies settle completely, at no more than twice the cost of the day when these
/// numbers were written down.
#[test]
fn real_policies_are_ordered_at_little_cost() {
    const TOTAL: usize = 1_479;
    const MOST: usize = 6;
    let policies = committed();
    let matrix = matrix(&pure(), &policies);
    let triples = is_an_order(&matrix, &policies);
    let unknown = matrix.contained.iter().flatten().filter(|it| it.is_none());
    assert_eq!(unknown.count(), 0);
    let contained = matrix.contained.iter().flatten();
    let contained = contained.filter(|it| **it == Some(true)).count();
    let total: usize = matrix.nodes.iter().sum();
    let most = *matrix.nodes.iter().max().unwrap();
    println!(
        "{} policies, {contained} contained, {triples} triples",
        policies.len()
    );
    println!("nodes: {total} in all, {most} at most");
    assert!(total <= TOTAL * 2 && most <= MOST * 2, "{total}, {most}");
}

#[test]
fn managed_policies_are_ordered() {
    let Ok(folder) = std::env::var("ROLECALL_MANAGED_POLICIES") else {
        return;
    };
    let policies: Vec<_> = policies(Path::new(&folder))
        .into_iter()
        .step_by(8)
        .collect();
    let matrix = matrix(&pure(), &policies);
    let triples = is_an_order(&matrix, &policies);
    println!("{} policies, {triples} triples", policies.len());
}
