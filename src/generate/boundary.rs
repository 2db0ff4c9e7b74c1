//! The ceiling of the vendor's own access: wider than its policies, so that it fits one document,
//! and as narrow where power over others is concerned.
//!
//! A boundary allows nothing by itself. For reads and ordinary work it names the actions and the
//! region; for IAM, STS, KMS and the tagging of things it keeps resources and conditions, with the
//! names of what the vendor makes taken together under their common beginning.

use std::collections::BTreeMap;

use super::atom::{Atom, Comparison, Conditions};
use super::name::is_tagging;
use crate::catalog::Catalog;
use crate::profile::GLOBAL_SERVICES;

/// Keys that guard who may become what, kept in the boundary.
const GUARDS: [&str; 6] = [
    "iam:PassedToService",
    "iam:AWSServiceName",
    "iam:PermissionsBoundary",
    "iam:PolicyARN",
    "ec2:CreateAction",
    "elasticloadbalancing:CreateAction",
];

/// Services in which every action keeps its resources.
const GUARDED: [&str; 3] = ["iam", "sts", "kms"];

/// Returns what a boundary has to allow, for the atoms of what is attached under it.
pub(super) fn ceiling(atoms: &[Atom], regions: &[String], catalog: &Catalog) -> Vec<Atom> {
    let patterns = common_patterns(atoms);
    let mut all: Vec<Atom> = Vec::new();
    for atom in atoms {
        let mut wider = atom.clone();
        if GUARDED.contains(&atom.service()) || is_tagging(&atom.action, catalog) {
            wider.conditions.retain(|it, _| {
                GUARDS.iter().any(|key| it.key.eq_ignore_ascii_case(key))
                    || it.key.eq_ignore_ascii_case("aws:RequestedRegion")
                    || is_tagging(&atom.action, catalog) && it.key.contains("Tag")
            });
            if let Some(pattern) = patterns.get(&family(&atom.resource)) {
                wider.resource.clone_from(pattern);
            }
        } else {
            wider.resource = "*".to_owned();
            wider.resource_type = None;
            wider.conditions = in_regions(atom, regions);
        }
        let same = |it: &&mut Atom| {
            it.action == wider.action
                && it.resource == wider.resource
                && it.conditions == wider.conditions
        };
        match all.iter_mut().find(same) {
            Some(known) => known.sources.extend(wider.sources),
            None => all.push(wider),
        }
    }
    all
}

fn in_regions(atom: &Atom, regions: &[String]) -> Conditions {
    let mut conditions = Conditions::new();
    if !GLOBAL_SERVICES.contains(&atom.service()) && !regions.is_empty() {
        let comparison = Comparison {
            operator: "StringEquals",
            key: "aws:RequestedRegion".to_owned(),
        };
        conditions.insert(comparison, regions.iter().cloned().collect());
    }
    conditions
}

/// Returns, for each type of IAM resource in a path, what all its patterns begin with.
fn common_patterns(atoms: &[Atom]) -> BTreeMap<String, String> {
    let mut starts: BTreeMap<String, &str> = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for atom in atoms.iter().filter(|it| it.service() == "iam") {
        let family = family(&atom.resource);
        if family.is_empty() {
            continue;
        }
        let start = atom.resource.split('*').next().unwrap_or_default();
        let known = starts.entry(family.clone()).or_insert(start);
        *known = &known[..common(known, start)];
        *counts.entry(family).or_default() += 1;
    }
    let pattern = |(family, start): (String, &str)| {
        let pattern = format!("{start}*");
        (family, pattern)
    };
    starts.into_iter().map(pattern).collect()
}

/// Returns the ARN up to the last `/` before any wildcard; empty where it has no wildcard.
fn family(resource: &str) -> String {
    let Some(at) = resource.find('*') else {
        return String::new();
    };
    let start = &resource[..at];
    start
        .rfind('/')
        .map_or_else(String::new, |slash| start[..=slash].to_owned())
}

fn common(one: &str, other: &str) -> usize {
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b);
    let mut count = same.count();
    while !one.is_char_boundary(count) {
        count -= 1;
    }
    count
}
