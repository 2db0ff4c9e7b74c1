//! Merges atoms into few statements that allow together what they allow, and nothing else.
//!
//! A statement is a product: every action on every resource under every combination of values. Two
//! products are merged where the result is again exactly both, or where what it adds cannot be
//! asked for: an action on a type of resource that AWS does not check it on (Service Authorization
//! Reference). [`proof`](super::proof) holds the result against the hull all the same.

use std::collections::{BTreeMap, BTreeSet};

use super::atom::{Atom, Comparison, Conditions, TIED_KEYS};
use super::name::is_read;
use crate::arn::Arn;
use crate::catalog::Catalog;
use crate::pattern;

/// Actions, resources and conditions of one statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Product {
    pub(super) actions: BTreeSet<String>,
    pub(super) resources: BTreeSet<String>,
    pub(super) conditions: Conditions,
    /// The atoms that it is for, by their place.
    pub(super) atoms: BTreeSet<usize>,
}

/// Returns the products that cover the atoms of these places, without anything that could be left
/// out.
pub(super) fn cover(atoms: &[Atom], places: &[usize], catalog: &Catalog) -> Vec<Product> {
    let singles: Vec<Product> = places.iter().map(|at| Product::of(atoms, *at)).collect();
    let kept = (0..singles.len()).filter(|at| !is_covered_by_another(atoms, places, &singles, *at));
    let mut products: Vec<Product> = kept.map(|at| singles[at].clone()).collect();
    loop {
        let before = products.len();
        products = merge(products, |it| (it.actions.clone(), it.conditions.clone()));
        products = merge_values(products);
        if products.len() == before {
            break;
        }
    }
    products = merge(products, |it| (it.resources.clone(), it.conditions.clone()));
    products = merge_values(products);
    products = merge_tied(products);
    products = merge_apart(products, catalog);
    prune(&mut products, atoms, places);
    for product in &mut products {
        let covered = places.iter().filter(|at| product.covers(&atoms[**at]));
        product.atoms = covered.copied().collect();
    }
    products.sort_by_key(|it| it.atoms.first().copied());
    products
}

impl Product {
    fn of(atoms: &[Atom], at: usize) -> Self {
        let atom = &atoms[at];
        Self {
            actions: [atom.action.clone()].into(),
            resources: [atom.resource.clone()].into(),
            conditions: atom.conditions.clone(),
            atoms: [at].into(),
        }
    }

    /// Whether it allows everything that an atom allows.
    pub(super) fn covers(&self, atom: &Atom) -> bool {
        self.actions.contains(&atom.action)
            && self.resources.iter().any(|it| includes(it, &atom.resource))
            && implies(&atom.conditions, &self.conditions)
    }

    fn absorb(&mut self, other: Self) {
        self.actions.extend(other.actions);
        self.resources.extend(other.resources);
        self.atoms.extend(other.atoms);
        for (comparison, values) in other.conditions {
            self.conditions
                .entry(comparison)
                .or_default()
                .extend(values);
        }
    }
}

/// Whether every request that meets `inner` meets `outer`; "no" may be wrong.
fn implies(inner: &Conditions, outer: &Conditions) -> bool {
    outer.iter().all(|(comparison, values)| {
        let like = |it: &str| values.iter().any(|pattern| includes(pattern, it));
        inner.iter().any(|(own, own_values)| {
            if own.key != comparison.key {
                return false;
            }
            match comparison.operator {
                operator if operator == own.operator && is_list(operator) => own_values == values,
                "StringLike" | "ArnLike" if own.operator != "Null" => {
                    own_values.iter().all(|it| like(it))
                }
                operator => operator == own.operator && own_values.is_subset(values),
            }
        })
    })
}

/// Whether an operator compares all values of a list: more of them do not simply allow more.
fn is_list(operator: &str) -> bool {
    operator.contains(':')
}

fn includes(outer: &str, inner: &str) -> bool {
    outer == inner || outer == "*" || pattern::includes(outer, inner, |a, b| a == b)
}

/// Whether an atom, by its place in `singles`, is covered by another one of them.
fn is_covered_by_another(atoms: &[Atom], places: &[usize], singles: &[Product], at: usize) -> bool {
    let covers = |one: usize, other: usize| singles[one].covers(&atoms[places[other]]);
    // Of two that cover each other the first stays.
    (0..singles.len())
        .any(|other| other != at && covers(other, at) && (other < at || !covers(at, other)))
}

/// Merges products that are alike in what `same` returns.
fn merge<K: Ord>(products: Vec<Product>, same: impl Fn(&Product) -> K) -> Vec<Product> {
    let mut places: BTreeMap<K, usize> = BTreeMap::new();
    let mut merged: Vec<Product> = Vec::new();
    for product in products {
        let next = merged.len();
        let at = *places.entry(same(&product)).or_insert(next);
        match merged.get_mut(at) {
            Some(known) => known.absorb(product),
            None => merged.push(product),
        }
    }
    merged
}

/// Merges products that differ in the values of one condition only.
fn merge_values(mut products: Vec<Product>) -> Vec<Product> {
    let comparisons: BTreeSet<Comparison> = products
        .iter()
        .flat_map(|it| it.conditions.keys().cloned())
        .filter(|it| !is_list(it.operator) && it.operator != "Null")
        .collect();
    for comparison in comparisons {
        products = merge(products, |it| {
            let mut conditions = it.conditions.clone();
            let has = conditions.remove(&comparison).is_some();
            (has, it.actions.clone(), it.resources.clone(), conditions)
        });
    }
    products
}

/// Merges products under the same conditions where no action can be asked for on the resources of
/// another: those of one service, and those that only read.
fn merge_apart(products: Vec<Product>, catalog: &Catalog) -> Vec<Product> {
    let mut merged: Vec<Product> = Vec::new();
    for product in products {
        let fits = |known: &&mut Product| {
            let is_read = reads(&product, catalog);
            // Who reads a list of aliases and keys takes every action to work on both.
            let is_plain = is_read || service(&product) != Some("kms");
            is_plain
                && (is_read || service(known) == service(&product))
                && reads(known, catalog) == is_read
                && known.conditions == product.conditions
                && is_apart(known, &product, catalog)
                && is_apart(&product, known, catalog)
        };
        match merged.iter_mut().find(fits) {
            Some(known) => known.absorb(product),
            None => merged.push(product),
        }
    }
    merged
}

/// Merges products that differ in their resources and in a value that AWS sends with each of them
/// only (see [`TIED_KEYS`]).
fn merge_tied(mut products: Vec<Product>) -> Vec<Product> {
    for key in TIED_KEYS {
        let own = |it: &Comparison| it.key.eq_ignore_ascii_case(key);
        products = merge(products, |it| {
            let mut conditions = it.conditions.clone();
            conditions.retain(|comparison, _| !own(comparison));
            let is_tied = conditions.len() < it.conditions.len();
            let resources = (!is_tied).then(|| it.resources.clone());
            (it.actions.clone(), resources, conditions)
        });
    }
    products
}

/// Whether all actions of a product only read.
fn reads(product: &Product, catalog: &Catalog) -> bool {
    product.actions.iter().all(|it| is_read(it, catalog))
}

/// The service of a product's actions; none where there are several.
fn service(product: &Product) -> Option<&str> {
    let mut services = product.actions.iter().map(|it| service_of(it));
    let first = services.next()?;
    services.all(|it| it == first).then_some(first)
}

pub(super) fn service_of(action: &str) -> &str {
    action
        .split_once(':')
        .map_or(action, |(service, _)| service)
}

/// Whether no action of the one is checked on a resource of the other that it is not needed on.
fn is_apart(one: &Product, other: &Product, catalog: &Catalog) -> bool {
    let resources = || other.resources.difference(&one.resources);
    let mut actions = one.actions.iter();
    actions.all(|action| resources().all(|it| !is_checked_on(action, it, catalog)))
}

/// Whether AWS may check an action on something that a resource pattern matches.
fn is_checked_on(action: &str, resource: &str, catalog: &Catalog) -> bool {
    let Some((service, name)) = action.split_once(':') else {
        return true;
    };
    let known = catalog
        .service(service)
        .and_then(|it| Some((it, it.action(name)?)));
    let Some((service, action)) = known else {
        return true;
    };
    action.resource_types.iter().any(|row| {
        let templates = service.resource_type(&row.name).map(|it| &it.arn_templates);
        let Some(templates) = templates else {
            return true;
        };
        templates.iter().any(|it| overlaps(&glob(it), resource))
    })
}

/// Returns an ARN format as a pattern: `*` for each of its holes.
fn glob(template: &str) -> String {
    let mut glob = String::new();
    let mut rest = template;
    while let Some((before, hole)) = rest.split_once("${") {
        glob.push_str(before);
        glob.push('*');
        rest = hole.split_once('}').map_or("", |(_, after)| after);
    }
    glob.push_str(rest);
    glob
}

/// Whether some ARN matches both patterns; their first five parts are compared one by one.
fn overlaps(one: &str, other: &str) -> bool {
    let (Some(a), Some(b)) = (Arn::parse(one), Arn::parse(other)) else {
        return true;
    };
    let parts = [
        (a.partition, b.partition),
        (a.service, b.service),
        (a.region, b.region),
        (a.account, b.account),
        (a.resource, b.resource),
    ];
    let mut parts = parts.iter();
    parts.all(|(one, other)| pattern::overlap(one, other, |a, b| a == b))
}

/// Takes out actions, resources and values without which every atom is still covered.
fn prune(products: &mut Vec<Product>, atoms: &[Atom], places: &[usize]) {
    let holds = |products: &[Product]| {
        let mut all = places.iter();
        all.all(|at| products.iter().any(|it| it.covers(&atoms[*at])))
    };
    let mut at = 0;
    while at < products.len() {
        let mut without = products.clone();
        without.remove(at);
        if holds(&without) {
            *products = without;
            continue;
        }
        let original = products[at].clone();
        for action in &original.actions {
            prune_one(products, at, &holds, |it| it.actions.remove(action));
        }
        for resource in &original.resources {
            prune_one(products, at, &holds, |it| it.resources.remove(resource));
        }
        at += 1;
    }
}

fn prune_one(
    products: &mut [Product],
    at: usize,
    holds: &impl Fn(&[Product]) -> bool,
    remove: impl Fn(&mut Product) -> bool,
) {
    let before = products[at].clone();
    remove(&mut products[at]);
    if !holds(products) {
        products[at] = before;
    }
}
