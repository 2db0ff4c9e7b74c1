//! Names statements by their purpose and says in one line why they are there.

use std::collections::BTreeSet;

use super::atom::Atom;
use super::cover::{Product, service_of};
use crate::catalog::{AccessLevel, Catalog};

/// How many purposes a line names before it counts the rest.
const NAMED: usize = 3;

/// Returns a `Sid` that says what the statement is for.
pub(super) fn sid(product: &Product, atoms: &[Atom], tags: &[String], catalog: &Catalog) -> String {
    let has = |key: &str| {
        let mut keys = product.conditions.keys();
        keys.any(|it| it.key.eq_ignore_ascii_case(key))
    };
    let tag_of = |kind: &str| {
        let mut keys = product
            .conditions
            .keys()
            .map(|it| it.key.to_ascii_lowercase());
        keys.find_map(|it| it.split_once(kind).map(|(_, tag)| tag.to_owned()))
    };
    let things = things(product, atoms);
    if has("iam:PassedToService") {
        return "PassRoles".to_owned();
    }
    if has("iam:AWSServiceName") {
        return "CreateServiceLinkedRoles".to_owned();
    }
    if has("iam:PolicyARN") {
        return "AttachPolicies".to_owned();
    }
    if has("ec2:CreateAction") || has("elasticloadbalancing:CreateAction") {
        return format!("TagNew{things}");
    }
    let request_tag = tag_of("requesttag/");
    let resource_tag = tag_of("resourcetag/");
    let is_tagging = product.actions.iter().all(|it| is_tagging(it, catalog));
    let creates = product
        .actions
        .iter()
        .all(|it| name_of(it).starts_with("Create"));
    match (&request_tag, &resource_tag) {
        _ if is_tagging && product.actions.iter().all(|it| is_removal(it)) => {
            return format!("Untag{things}");
        }
        _ if is_tagging => return format!("Tag{things}"),
        (Some(_), Some(_)) => return format!("CreateIn{things}"),
        (Some(_), None) => return format!("Create{things}"),
        _ => {}
    }
    let reads = product.actions.iter().all(|it| is_read(it, catalog));
    let verb = match () {
        () if reads => "Read",
        () if creates => "Create",
        () if product.actions.iter().all(|it| it == "ec2:RunInstances") => "RunWith",
        () if product.actions.iter().all(|it| is_removal(it)) => "Remove",
        () => "Change",
    };
    let own = match resource_tag {
        Some(tag) if tags.iter().any(|it| it.eq_ignore_ascii_case(&tag)) => "Own",
        Some(_) => "Cluster",
        None if has("iam:PermissionsBoundary") => "Bounded",
        None => "",
    };
    format!("{verb}{own}{things}")
}

/// Returns what the statement is for, in one line.
pub(super) fn why(product: &Product, atoms: &[Atom]) -> String {
    let mut whys: Vec<&str> = Vec::new();
    for source in product.atoms.iter().flat_map(|at| &atoms[*at].sources) {
        if !whys.contains(&source.why.as_str()) {
            whys.push(&source.why);
        }
    }
    let rest = whys.len().saturating_sub(NAMED);
    let mut line = whys[..whys.len().min(NAMED)].join("; ");
    if rest > 0 {
        line.push_str(&format!("; and {rest} more"));
    }
    line
}

/// Makes names unique by a number after the second and later ones.
pub(super) fn number(name: String, taken: &mut BTreeSet<String>) -> String {
    let mut unique = name.clone();
    let mut count = 1;
    while !taken.insert(unique.clone()) {
        count += 1;
        unique = match name.ends_with(|it: char| it.is_ascii_digit()) {
            true => format!("{name}Part{count}"),
            false => format!("{name}{count}"),
        };
    }
    unique
}

/// Returns what a product is about: its type of resource, or its service where there are several.
fn things(product: &Product, atoms: &[Atom]) -> String {
    let own = product.atoms.iter().map(|at| &atoms[*at]);
    let types: BTreeSet<&str> = own
        .filter(|it| product.resources.contains(&it.resource))
        .filter_map(|it| it.resource_type.as_deref())
        .collect();
    let services: BTreeSet<&str> = product.actions.iter().map(|it| service_of(it)).collect();
    match (types.len(), types.first()) {
        (1, Some(only)) => {
            let (_, name) = only.split_once(':').unwrap_or(("", only));
            camel(name)
        }
        (2, _) => types
            .iter()
            .map(|it| camel(it.split_once(':').map_or(*it, |(_, name)| name)))
            .collect(),
        _ => match services.first() {
            Some(service) if services.len() == 1 => service_title(service),
            _ => "Services".to_owned(),
        },
    }
}

fn service_title(service: &str) -> String {
    match service {
        "autoscaling" => "AutoScaling".to_owned(),
        "elasticloadbalancing" => "LoadBalancing".to_owned(),
        "servicequotas" => "Quotas".to_owned(),
        other => camel(other),
    }
}

/// Returns a name with its words run together: `network-acl` as `NetworkAcl`.
pub(super) fn camel(name: &str) -> String {
    let words = name.split(|it: char| !it.is_ascii_alphanumeric());
    let mut camel = String::new();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|it| it.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

fn name_of(action: &str) -> &str {
    action.split_once(':').map_or(action, |(_, name)| name)
}

fn is_removal(action: &str) -> bool {
    const VERBS: [&str; 8] = [
        "Delete",
        "Detach",
        "Disassociate",
        "Release",
        "Remove",
        "Revoke",
        "Terminate",
        "Untag",
    ];
    VERBS.iter().any(|verb| name_of(action).starts_with(verb))
}

/// Whether an action is one of those that put tags on things or take them off.
pub(super) fn is_tagging(action: &str, catalog: &Catalog) -> bool {
    let known = action
        .split_once(':')
        .and_then(|(service, name)| catalog.action(service, name));
    known.is_some_and(|it| it.access_levels.iter().any(|it| it == AccessLevel::Tagging))
}

/// Whether an action only reads.
pub(super) fn is_read(action: &str, catalog: &Catalog) -> bool {
    let known = action
        .split_once(':')
        .and_then(|(service, name)| catalog.action(service, name));
    known.is_some_and(|it| {
        let mut own = it.access_levels.iter().peekable();
        let reads = |level| matches!(level, AccessLevel::List | AccessLevel::Read);
        own.peek().is_some() && own.all(reads)
    })
}
