//! The ceiling of the vendor's own access: wider than its policies, so that it fits one document,
//! and as narrow where power over others is concerned.
//!
//! A boundary allows nothing by itself. For reads and ordinary work it names the actions and the
//! region; for changes in IAM, STS and KMS it keeps names and guards, and for tagging the conditions
//! that keep others' things out. Where that does not fit, ordinary actions are taken together by
//! their first word, reads first; never those of IAM, STS, KMS or tagging.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::atom::{Atom, Comparison, Conditions, one_or_many};
use super::bundle::Sentence;
use super::name::{is_read, is_tagging};
use crate::arn::Arn;
use crate::catalog::{AccessLevel, Catalog};
use crate::profile::GLOBAL_SERVICES;

/// Keys that guard who may become what.
const GUARDS: [&str; 4] = [
    "iam:PassedToService",
    "iam:AWSServiceName",
    "iam:PermissionsBoundary",
    "kms:GrantIsForAWSResource",
];

/// Services in which changes keep their resources, and no action a wildcard.
const GUARDED: [&str; 3] = ["iam", "sts", "kms"];

/// How far ordinary actions are taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Together {
    /// Each is named.
    Not,
    /// Reads by their first word: `ec2:Describe*`.
    Reads,
    /// Changes too, where no other word of that beginning grants power or sets tags.
    Changes,
    /// And by their first two words, names of roles by what they share, tags on what is created
    /// whatever creates it.
    Names,
}

impl Together {
    pub(super) const ALL: [Self; 4] = [Self::Not, Self::Reads, Self::Changes, Self::Names];
}

/// Returns what a boundary has to allow, for the atoms of what is attached under it.
pub(super) fn ceiling(
    atoms: &[Atom],
    regions: &[String],
    tags: &[String],
    together: Together,
    catalog: &Catalog,
) -> Vec<Atom> {
    let patterns = common_patterns(atoms);
    let needed = actions(atoms);
    let mut all: Vec<Atom> = Vec::new();
    for atom in atoms {
        let mut wider = atom.clone();
        let marks = is_tagging(&atom.action, catalog);
        let reads = is_read(&atom.action, catalog);
        if marks {
            wider.conditions.retain(|it, _| {
                let key = it.key.to_ascii_lowercase();
                key.contains("tag/") || is_create_action(it)
            });
            if atom.service() == "iam" {
                keep_guards(&mut wider, &patterns);
            } else {
                to_any(&mut wider);
            }
            if together == Together::Names {
                tag_what_is_own(&mut wider.conditions, tags);
                tag_what_is_created(&mut wider.conditions);
            }
        } else if GUARDED.contains(&atom.service()) && !reads {
            keep_guards(&mut wider, &patterns);
        } else {
            to_any(&mut wider);
            wider.conditions = in_regions(atom, regions);
            if let Some(action) = first_words(&atom.action, together, &needed, catalog) {
                wider.action = action;
            }
        }
        if together == Together::Names && atom.service() == "iam" && !reads {
            share_name(&mut wider, &patterns);
        }
        push(&mut all, wider);
    }
    all
}

/// Returns what the boundary of roles has to allow that the vendor makes, for the atoms of all of
/// them.
///
/// Whoever may write their policies can do all of it, so it keeps every condition; what conditions
/// on tags limit need not be named by more than its type, and reads that show no data are not limited but
/// to the region.
pub(super) fn workload(
    atoms: &[Atom],
    tags: &[String],
    together: Together,
    catalog: &Catalog,
) -> Vec<Atom> {
    let mut all: Vec<Atom> = Vec::new();
    let needed = actions(atoms);
    for atom in atoms {
        let mut wider = atom.clone();
        let (_, name) = atom.action.split_once(':').unwrap_or_default();
        let is_plain_read = is_read(&atom.action, catalog)
            && (name.starts_with("Describe") || name.starts_with("List"));
        let has_tag = atom
            .conditions
            .keys()
            .any(|it| it.key.to_ascii_lowercase().contains("tag/"));
        if is_plain_read {
            to_any(&mut wider);
            wider.conditions.clear();
            let reads = together.min(Together::Reads);
            if let Some(action) = first_words(&atom.action, reads, &needed, catalog) {
                wider.action = action;
            }
        } else if has_tag && is_tied(atom) {
            // AWS says in the request what creates the thing that is tagged.
            to_any(&mut wider);
            if together == Together::Names {
                tag_what_is_created(&mut wider.conditions);
            }
        } else if has_tag && atom.service() == "ec2" {
            // One tag marks things of many types, some the vendor's own and some not.
            to_type(&mut wider);
        } else if has_tag && !GUARDED.contains(&atom.service()) && atom.resource.contains('*') {
            to_any(&mut wider);
            let mut keys = atom.conditions.keys().map(|it| it.key.to_ascii_lowercase());
            // Other things that begin so are created in what need not be the vendor's.
            let creates = keys.any(|it| it.contains("requesttag/"));
            let action = first_words(&atom.action, together, &needed, catalog);
            wider.action = action.filter(|_| !creates).unwrap_or(wider.action);
        }
        let is_named = atom.service() == "iam" || !atom.resource.contains('*');
        if together == Together::Names && is_named && atom.resource != "*" {
            // The names that the vendor may give say the same.
            wider.conditions.retain(|it, _| {
                let key = it.key.to_ascii_lowercase();
                !key.contains("resourcetag/")
            });
        }
        if !has_tag && !is_plain_read && atom.resource == "*" {
            let action = first_words(&atom.action, together, &needed, catalog);
            let action = action.filter(|it| names_no_resource(it, catalog));
            wider.action = action.unwrap_or(wider.action);
        }
        if has_tag {
            // What bears the mark may bear further tags.
            wider
                .conditions
                .retain(|it, _| !it.key.eq_ignore_ascii_case("aws:TagKeys"));
        }
        // One statement denies other regions to all.
        wider.conditions.retain(|it, _| !is_region(it));
        keep_mark(&mut wider.conditions, tags);
        push(&mut all, wider);
    }
    match together {
        Together::Names => on_all_that_is_own(all, tags),
        Together::Not | Together::Reads | Together::Changes => all,
    }
}

/// Lets what may be done in EC2 to some of the vendor's own be done to all of the types that anything
/// may be done to: the tag says that they are its own.
fn on_all_that_is_own(atoms: Vec<Atom>, tags: &[String]) -> Vec<Atom> {
    let is_mark = |it: &Comparison| {
        let tag = it.key.strip_prefix("aws:ResourceTag/");
        it.operator == "StringEquals" && tag.is_some_and(|it| tags.iter().any(|tag| tag == it))
    };
    let is_own = |it: &Atom| {
        it.service() == "ec2" && !it.conditions.is_empty() && it.conditions.keys().all(is_mark)
    };
    let (own, others): (Vec<Atom>, Vec<Atom>) = atoms.into_iter().partition(is_own);
    let kinds: BTreeSet<String> = own.iter().map(|it| it.resource.clone()).collect();
    let mut all = others;
    for atom in own {
        for kind in &kinds {
            let mut wider = atom.clone();
            wider.resource.clone_from(kind);
            push(&mut all, wider);
        }
    }
    all
}

/// Whether it is the tagging of what another call creates.
fn is_tied(atom: &Atom) -> bool {
    atom.conditions.keys().any(is_create_action)
}

fn is_create_action(comparison: &Comparison) -> bool {
    comparison
        .key
        .to_ascii_lowercase()
        .ends_with(":createaction")
}

/// Lets tags be put on what a request creates, whichever of the allowed ones that is: AWS sends the
/// key with creating requests only (Amazon EC2 User Guide, "Grant permission to tag Amazon EC2
/// resources during creation").
fn tag_what_is_created(conditions: &mut Conditions) {
    let Some(tied) = conditions.keys().find(|it| is_create_action(it)).cloned() else {
        return;
    };
    conditions.remove(&tied);
    let operator = "Null";
    let key = tied.key;
    conditions.insert(Comparison { operator, key }, ["false".to_owned()].into());
}

/// Lets any tags be put on what bears the vendor's.
fn tag_what_is_own(conditions: &mut Conditions, tags: &[String]) {
    let is_own = |it: &Comparison| {
        let tag = it.key.strip_prefix("aws:ResourceTag/");
        tag.is_some_and(|it| tags.iter().any(|tag| tag == it))
    };
    if conditions.keys().any(is_own) {
        conditions.retain(|it, _| !it.key.starts_with("aws:RequestTag/"));
    }
}

/// Leaves of several tags the vendor's own, where it is among them.
fn keep_mark(conditions: &mut Conditions, tags: &[String]) {
    let on_parent = |it: &Comparison| it.key.starts_with("aws:ResourceTag/");
    if conditions.keys().any(on_parent) {
        // What is created in the vendor's own need not be asked for its tags again.
        conditions.retain(|it, _| !it.key.starts_with("aws:RequestTag/"));
    }
    for kind in ["aws:RequestTag/", "aws:ResourceTag/"] {
        let own = |it: &Comparison| {
            let tag = it.key.strip_prefix(kind);
            tag.is_some_and(|it| tags.iter().any(|tag| tag == it))
        };
        if conditions.keys().any(own) {
            conditions.retain(|it, _| !it.key.starts_with(kind) || own(it));
        }
    }
}

/// Returns the statement that denies other regions; none where no region is known.
///
/// Services that are everywhere are left out, and those that are needed in further regions.
pub(super) fn deny_other_regions(atoms: &[Atom], regions: &[String]) -> Option<Sentence> {
    if regions.is_empty() {
        return None;
    }
    let wanted: BTreeSet<&String> = regions.iter().collect();
    let elsewhere = atoms.iter().filter(|atom| {
        let mut conditions = atom.conditions.iter();
        let other = conditions
            .any(|(it, values)| is_region(it) && values.iter().collect::<BTreeSet<_>>() != wanted);
        other || GLOBAL_SERVICES.contains(&atom.service())
    });
    let elsewhere = elsewhere.map(|it| it.service());
    // IAM has one region whatever is allowed of it.
    let services: BTreeSet<&str> = elsewhere.chain(["iam"]).collect();
    let services: Vec<String> = services.iter().map(|it| format!("{it}:*")).collect();
    let statement = json!({
        "Sid": "DenyOtherRegions",
        "Effect": "Deny",
        "NotAction": one_or_many(&services),
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": one_or_many(regions)}},
    });
    Some(Sentence {
        statement,
        why: "nothing outside the regions of the clusters".to_owned(),
        requirements: Vec::new(),
    })
}

fn is_region(comparison: &Comparison) -> bool {
    comparison.key.eq_ignore_ascii_case("aws:RequestedRegion")
}

/// Adds an atom, or what it is for to one that is the same.
fn push(all: &mut Vec<Atom>, atom: Atom) {
    let same = |it: &&mut Atom| {
        it.action == atom.action && it.resource == atom.resource && it.conditions == atom.conditions
    };
    match all.iter_mut().find(same) {
        Some(known) => known.sources.extend(atom.sources),
        None => all.push(atom),
    }
}

fn keep_guards(atom: &mut Atom, patterns: &BTreeMap<String, String>) {
    let is_guard = |key: &str| GUARDS.iter().any(|it| it.eq_ignore_ascii_case(key));
    atom.conditions.retain(|it, _| is_guard(&it.key));
    if let Some(pattern) = patterns.get(&family(&atom.resource)) {
        atom.resource.clone_from(pattern);
    }
}

/// Names a role by what the vendor's names share, and a role of a service by the path of all of
/// them: the condition on the service says which.
fn share_name(atom: &mut Atom, patterns: &BTreeMap<String, String>) {
    const OF_SERVICES: &str = ":role/aws-service-role/";
    let has_service = |it: &Comparison| it.key == "iam:AWSServiceName";
    if let Some(at) = atom.resource.find(OF_SERVICES)
        && atom.conditions.keys().any(has_service)
    {
        atom.resource.truncate(at + OF_SERVICES.len());
        atom.resource.push('*');
        return;
    }
    let including = patterns.values().find(|it| {
        let start = it.strip_suffix('*').unwrap_or(it);
        atom.resource.starts_with(start)
    });
    if let Some(pattern) = including {
        atom.resource.clone_from(pattern);
    }
}

fn to_any(atom: &mut Atom) {
    atom.resource = "*".to_owned();
    atom.resource_type = None;
}

/// Lets an atom's tags say what its ARN says but for the type, so that more of them are alike.
fn to_type(atom: &mut Atom) {
    let Some(arn) = Arn::parse(&atom.resource) else {
        return;
    };
    let end = arn
        .resource
        .find(['/', ':'])
        .map_or(arn.resource.len(), |at| at + 1);
    let kind = &arn.resource[..end];
    atom.resource = format!("arn:{}:{}:*:*:{kind}*", arn.partition, arn.service);
}

fn actions(atoms: &[Atom]) -> BTreeSet<&str> {
    atoms.iter().map(|it| it.action.as_str()).collect()
}

/// Returns an action's first words with a wildcard, where that takes in nothing of weight: one word,
/// or two that another needed action shares.
fn first_words(
    action: &str,
    together: Together,
    needed: &BTreeSet<&str>,
    catalog: &Catalog,
) -> Option<String> {
    let (service, name) = action.split_once(':')?;
    if GUARDED.contains(&service) {
        return None;
    }
    let first = end_of_word(name, 0)?;
    let reads = matches!(&name[..first], "Describe" | "List") && is_read(action, catalog);
    let wanted = if reads {
        Together::Reads
    } else {
        Together::Changes
    };
    if together < wanted {
        return None;
    }
    if is_harmless(service, &name[..first], catalog) {
        return Some(format!("{service}:{}*", &name[..first]));
    }
    let second = end_of_word(name, first).unwrap_or(name.len());
    let start = format!("{service}:{}", &name[..second]);
    let sharing = needed.iter().filter(|it| it.starts_with(&start)).count();
    let is_short = together == Together::Names
        && sharing > 1
        && is_harmless(service, &name[..second], catalog);
    is_short.then(|| format!("{start}*"))
}

/// Returns where the word that begins at `start` ends; none where it is the last.
fn end_of_word(name: &str, start: usize) -> Option<usize> {
    let rest = name.get(start + 1..)?;
    let length = rest.find(|it: char| it.is_ascii_uppercase())?;
    Some(start + 1 + length)
}

/// Whether nothing that a pattern of actions takes in is checked on a resource.
fn names_no_resource(pattern: &str, catalog: &Catalog) -> bool {
    let Some((service, name)) = pattern.split_once(':') else {
        return false;
    };
    let start = name.trim_end_matches('*');
    let own = catalog.service(service).into_iter();
    let mut own = own.flat_map(|it| it.actions().iter().filter(|it| it.name.starts_with(start)));
    own.all(|it| it.resource_types.is_empty())
}

/// Whether no action of this beginning grants power or sets tags.
fn is_harmless(service: &str, beginning: &str, catalog: &Catalog) -> bool {
    let Some(service) = catalog.service(service) else {
        return false;
    };
    let own = service.actions().iter();
    let mut beginning = own.filter(|it| it.name.starts_with(beginning));
    beginning.all(|it| {
        let mut levels = it.access_levels.iter();
        levels.all(|it| match it {
            AccessLevel::Tagging | AccessLevel::PermissionsManagement => false,
            AccessLevel::List | AccessLevel::Read | AccessLevel::Write => true,
        })
    })
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
    for atom in atoms.iter().filter(|it| it.service() == "iam") {
        let family = family(&atom.resource);
        if family.is_empty() {
            continue;
        }
        let start = atom.resource.split('*').next().unwrap_or_default();
        let known = starts.entry(family).or_insert(start);
        *known = &known[..common(known, start)];
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
