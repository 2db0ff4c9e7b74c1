//! Objects that are not principals: where they may be, whose they are, what the catalog says of them.

use std::collections::BTreeMap;

use super::family::Condition;
use super::scene::Scene;
use super::texts::Mark;
use crate::arn::Arn;
use crate::catalog::{Action, Catalog};

/// Whose tags an object has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Tags {
    /// Any.
    Any,
    /// Not all of the vendor's.
    Foreign,
}

/// Returns the ARN patterns of a resource type in this account.
pub(super) fn patterns(scene: &Scene<'_>, service: &str, kind: &str) -> Vec<String> {
    let catalog = scene.input.catalog;
    let found = catalog
        .service(service)
        .and_then(|it| it.resource_type(kind));
    let templates = found.map(|it| &it.arn_templates);
    let mut patterns: Vec<String> = templates
        .into_iter()
        .flat_map(|it| it.iter())
        .map(|template| pattern_of(scene, template))
        .collect();
    patterns.sort();
    patterns.dedup();
    patterns
}

fn pattern_of(scene: &Scene<'_>, template: &str) -> String {
    let mut pattern = String::new();
    let mut rest = template;
    while let Some(start) = rest.find("${") {
        pattern.push_str(&rest[..start]);
        let end = rest[start..]
            .find('}')
            .map_or(rest.len(), |end| start + end + 1);
        match &rest[start..end] {
            "${Partition}" => pattern.push_str(&scene.partition),
            "${Account}" => pattern.push_str(&scene.account),
            _ => pattern.push('*'),
        }
        rest = &rest[end..];
    }
    pattern.push_str(rest);
    pattern
}

/// ARNs with a colon behind the account.
pub(super) const WITH_COLON: &str = "arn:*:*:*:*:*:*";

/// Whether names of such objects have no colon, so that a `*` in a pattern stands for no more than
/// its part of the ARN: ids that AWS gives, and names of letters, digits and hyphens (the services'
/// API references, at the calls that create them).
pub(super) fn has_no_colon(service: &str, kind: &str) -> bool {
    match service {
        "ec2" => IDS.iter().any(|(name, _)| *name == kind),
        "eks" => ["cluster", "nodegroup", "addon", "fargateprofile"].contains(&kind),
        "ecs" => ["cluster", "service", "task", "container-instance"].contains(&kind),
        "kms" => kind == "key",
        "codebuild" => kind == "project",
        _ => false,
    }
}

/// Names of EC2's kinds of objects: how their ids begin.
const IDS: [(&str, &str); 12] = [
    ("instance", "i-"),
    ("volume", "vol-"),
    ("image", "ami-"),
    ("snapshot", "snap-"),
    ("subnet", "subnet-"),
    ("vpc", "vpc-"),
    ("security-group", "sg-"),
    ("network-interface", "eni-"),
    ("launch-template", "lt-"),
    ("route-table", "rtb-"),
    ("vpc-endpoint", "vpce-"),
    ("elastic-ip", "eipalloc-"),
];

/// Returns an ARN that a pattern matches, with plain names in the place of its wildcards.
pub(super) fn plain_name(scene: &Scene<'_>, pattern: &str) -> String {
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let [arn, partition, service, region, account, rest] = parts.as_slice() else {
        return super::names::fill(pattern, "customer");
    };
    let open = |text: &str| text.contains(['*', '?', '$']);
    let partition = if open(partition) {
        &scene.partition
    } else {
        *partition
    };
    let region = if open(region) { "us-east-1" } else { region };
    let account = if open(account) {
        &scene.account
    } else {
        *account
    };
    let kind = rest.split(['/', ':']).next().unwrap_or_default();
    let word = IDS
        .iter()
        .find(|(name, _)| *service == "ec2" && *name == kind)
        .map_or_else(
            || "customer".to_owned(),
            |(_, id)| format!("{id}0a1b2c3d4e5f60718"),
        );
    let name = super::names::fill(rest, &word);
    [arn, partition, service, region, account, &name].join(":")
}

/// Returns the resource type of an ARN among those of an action.
pub(super) fn kind_of(catalog: &Catalog, action: &str, arn: &str) -> Option<String> {
    let action = crate::evaluate::Action::parse(action)?;
    crate::evaluate::derive::resource_type_of(catalog, &action, arn)
}

/// Returns the entry of an action.
pub(super) fn entry<'c>(catalog: &'c Catalog, action: &str) -> Option<&'c Action> {
    let (service, name) = action.split_once(':')?;
    catalog.action(service, name)
}

/// Returns the condition keys by which a service's requests name this tag of a resource, `aws:`
/// first. Services have keys of their own beside the global one.
pub(super) fn resource_tag_keys(catalog: &Catalog, service: &str, tag: &str) -> Vec<String> {
    let mut keys = vec![format!("aws:ResourceTag/{tag}")];
    let own = catalog.service(service).into_iter().flat_map(|it| {
        let keys = it.condition_keys().iter();
        keys.filter(|key| key.name.contains('/')).filter_map(|key| {
            let name = key.name.to_ascii_lowercase();
            let (start, _) = name.split_once("resourcetag/")?;
            (!start.starts_with("aws:")).then(|| key.name[..start.len() + 12].to_owned())
        })
    });
    keys.extend(own.map(|start| format!("{start}{tag}")));
    keys.dedup();
    keys
}

/// A value that no document names.
pub(super) const OTHER_VALUE: &str = "somebody-else";

/// How many ways not to be the vendor's are told apart; beyond, what lacks one mark is foreign.
const MOST_WAYS: usize = 32;

/// Returns the contexts in which an object has such tags; none: its tags do not matter.
pub(super) fn tag_variants(scene: &Scene<'_>, service: &str, tags: Tags) -> Vec<Vec<Condition>> {
    match tags {
        Tags::Any => Vec::new(),
        Tags::Foreign => {
            let other = |(tag, values): (&String, &Vec<String>)| -> Vec<Condition> {
                let keys = resource_tag_keys(scene.input.catalog, service, tag);
                let keys = keys.iter();
                keys.map(|key| Condition::new("StringNotEquals", key, values))
                    .collect()
            };
            let ways = ways_to_be_foreign(&scene.marks);
            ways.into_iter()
                .map(|way| way.into_iter().flat_map(other).collect())
                .collect()
        }
    }
}

/// A tag with its values, as a mark asks for it.
type Asked<'m> = (&'m String, &'m Vec<String>);

/// Returns the combinations of tags that a foreign object lacks: one of each mark, since all tags of
/// one mark make an object the vendor's.
fn ways_to_be_foreign(marks: &[Mark]) -> Vec<Vec<Asked<'_>>> {
    let count = marks.iter().map(BTreeMap::len).product::<usize>();
    if marks.is_empty() {
        return Vec::new();
    }
    if count > MOST_WAYS {
        let all = marks.iter().flatten();
        return all.map(|it| vec![it]).collect();
    }
    let mut ways: Vec<Vec<Asked<'_>>> = vec![Vec::new()];
    for mark in marks {
        ways = ways
            .iter()
            .flat_map(|way| {
                mark.iter().map(|tag| {
                    let mut longer = way.clone();
                    longer.push(tag);
                    longer
                })
            })
            .collect();
    }
    ways
}

/// Returns the patterns of objects that are the vendor's by name, for a family to leave out.
pub(super) fn own_names(scene: &Scene<'_>) -> Vec<String> {
    scene.own.iter().map(|it| it.text.clone()).collect()
}

/// Returns the principals that a service receives roles under.
pub(super) fn service_principals(catalog: &Catalog, service: &str) -> Vec<String> {
    let name = match service {
        // Amazon ECS Developer Guide, "Amazon ECS task IAM role".
        "ecs" => "ecs-tasks",
        other => other,
    };
    let principal = format!("{name}.amazonaws.com");
    if catalog.is_service_principal(&principal) {
        vec![principal]
    } else {
        Vec::new()
    }
}

/// Returns what people call an object: its type and name.
pub(super) fn title(arn: &str) -> String {
    match Arn::parse(arn) {
        Some(parts) if parts.service == "iam" => match parts.resource.split_once('/') {
            Some((kind, name)) => format!("the {kind} `{name}`"),
            None => format!("`{arn}`"),
        },
        _ => format!("`{arn}`"),
    }
}
