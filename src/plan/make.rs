//! Makes a plan of generated access: which objects, in which order, with which final documents.

use super::{
    ACCOUNT_TO_COME, AccessKey, Account, Attachment, Found, Gate, OWNERSHIP_TAG, Object, Part,
    Plan, Policy, Role, User, What,
};
use crate::emit;
use crate::generate::{self, Bundle, Entity, EntityKind, PolicyUse, Sentence};
use crate::profile::Settings;

/// The access of one profile, as it was generated.
#[derive(Clone, Copy, Debug)]
pub struct Access<'a> {
    /// What is made.
    pub bundle: &'a Bundle,
    /// The settings that it is made for.
    pub settings: &'a Settings,
}

/// What a plan is made for, besides the access.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// The name of the bootstrap.
    pub installation: &'a str,
    /// The partition.
    pub partition: &'a str,
    /// The account; none where it is still to be created, and [`ACCOUNT_TO_COME`] stands for it.
    pub account: Option<&'a str>,
    /// A member account to create first, or to find by its name.
    pub member: Option<&'a Account>,
    /// The time: RFC 3339, UTC.
    pub made: &'a str,
    /// The ARN of whoever makes it; empty if nobody was asked.
    pub by: &'a str,
}

/// Returns a plan; its gate is empty, and nobody has looked at the account yet.
///
/// # Errors
///
/// Two profiles make something of the same name that is not the same.
pub fn make(accesses: &[Access<'_>], order: &Order<'_>) -> Result<Plan, Vec<String>> {
    let mut making = Making {
        objects: Vec::new(),
        clashes: Vec::new(),
    };
    if let Some(member) = order.member {
        making.add(account(member));
    }
    let owned: Vec<Bundle> = accesses
        .iter()
        .map(|it| owned(it.bundle, order.installation))
        .collect();
    // Boundaries first: nothing is made that is without its boundary for a moment.
    for is_boundary in [true, false] {
        for bundle in &owned {
            let policies = bundle.policies.iter();
            for policy in policies.filter(|it| is_boundary == (it.used_as != PolicyUse::Identity)) {
                making.add(policy_object(policy));
            }
        }
    }
    let entities = || owned.iter().flat_map(|it| &it.entities);
    // A role that nobody is said to assume exists already, and takes the policies.
    for entity in entities().filter(|it| is_made(it)) {
        making.add(entity_object(entity));
    }
    for entity in entities() {
        for arn in &entity.attached {
            making.add(attachment(entity, arn));
        }
    }
    for entity in entities().filter(|it| it.kind == EntityKind::User) {
        making.add(access_key(entity));
    }
    if !making.clashes.is_empty() {
        return Err(making.clashes);
    }
    Ok(Plan {
        parts: accesses.iter().map(part).collect(),
        installation: order.installation.to_owned(),
        partition: order.partition.to_owned(),
        account: order.account.map(str::to_owned),
        made: order.made.to_owned(),
        by: order.by.to_owned(),
        objects: making.objects,
        gate: Gate::default(),
        hand_over: hand_over(&owned, order),
    })
}

/// Returns what a bootstrap of this name makes of a bundle: everything carries the ownership tag.
#[must_use]
pub fn owned(bundle: &Bundle, installation: &str) -> Bundle {
    let mut bundle = bundle.clone();
    let own = (OWNERSHIP_TAG.to_owned(), installation.to_owned());
    let policies = bundle.policies.iter_mut().map(|it| &mut it.tags);
    let entities = bundle.entities.iter_mut().map(|it| &mut it.tags);
    for tags in policies.chain(entities) {
        tags.retain(|(key, _)| key != OWNERSHIP_TAG);
        tags.push(own.clone());
    }
    bundle
}

fn is_made(entity: &Entity) -> bool {
    entity.kind == EntityKind::User || !entity.trust.is_empty()
}

struct Making {
    objects: Vec<Object>,
    clashes: Vec<String>,
}

impl Making {
    fn add(&mut self, object: Object) {
        let known = self.objects.iter().find(|it| it.key == object.key);
        match known {
            None => self.objects.push(object),
            Some(known) if known.what == object.what => {}
            Some(_) => {
                let name = object.what.name();
                self.clashes.push(format!(
                    "two of the profiles make `{name}`, each in its way"
                ));
            }
        }
    }
}

fn account(member: &Account) -> Object {
    Object {
        key: format!("account/{}", member.name),
        why: "an account of its own for the vendor: nothing else lies in it".to_owned(),
        what: What::Account(member.clone()),
        reasons: Vec::new(),
        found: Found::NotLooked,
    }
}

fn policy_object(policy: &generate::Policy) -> Object {
    Object {
        key: format!("policy/{}", policy.name),
        why: lower_start(&policy.description),
        reasons: reasons(&policy.statements),
        what: What::Policy(Policy {
            arn: policy.arn.clone(),
            name: policy.name.clone(),
            path: policy.path.clone(),
            description: emit::description(&policy.description),
            document: generate::text(&policy.document()),
            tags: policy.tags.clone(),
        }),
        found: Found::NotLooked,
    }
}

fn entity_object(entity: &Entity) -> Object {
    let (key, what) = match entity.trust_policy() {
        None => {
            let user = User {
                arn: entity.arn.clone(),
                name: entity.name.clone(),
                path: entity.path.clone(),
                boundary: entity.boundary.clone(),
                tags: entity.tags.clone(),
            };
            (format!("user/{}", entity.name), What::User(user))
        }
        Some(trust) => {
            let role = Role {
                arn: entity.arn.clone(),
                name: entity.name.clone(),
                path: entity.path.clone(),
                description: emit::description(&entity.description),
                trust: generate::text(&trust),
                boundary: entity.boundary.clone(),
                tags: entity.tags.clone(),
            };
            (format!("role/{}", entity.name), What::Role(role))
        }
    };
    Object {
        key,
        why: lower_start(&entity.description),
        reasons: reasons(&entity.trust),
        what,
        found: Found::NotLooked,
    }
}

fn attachment(entity: &Entity, policy: &str) -> Object {
    let name = crate::arn::last_segment(policy);
    Object {
        key: format!("attachment/{}/{name}", entity.name),
        why: format!("gives `{}` what the policy allows", entity.name),
        what: What::Attachment(Attachment {
            entity: entity.arn.clone(),
            policy: policy.to_owned(),
        }),
        reasons: Vec::new(),
        found: Found::NotLooked,
    }
}

fn access_key(entity: &Entity) -> Object {
    Object {
        key: format!("access-key/{}", entity.name),
        why: "by which the vendor signs its requests".to_owned(),
        what: What::AccessKey(AccessKey {
            user: entity.arn.clone(),
            ids: Vec::new(),
        }),
        reasons: Vec::new(),
        found: Found::NotLooked,
    }
}

fn reasons(sentences: &[Sentence]) -> Vec<(String, String)> {
    let reason = |it: &Sentence| {
        let sid = it.statement["Sid"].as_str().unwrap_or_default();
        (sid.to_owned(), it.why.clone())
    };
    sentences.iter().map(reason).collect()
}

fn part(access: &Access<'_>) -> Part {
    let bundle = access.bundle;
    let variables = bundle.inputs.iter();
    let features = access.settings.features.iter();
    Part {
        profile: bundle.profile.clone(),
        title: bundle.title.clone(),
        variables: variables
            .map(|it| (it.name.clone(), it.values.clone()))
            .collect(),
        features: features.map(|(name, on)| (name.clone(), *on)).collect(),
    }
}

/// Returns what the vendor asks for: the labels are those of the emitted script.
fn hand_over(bundles: &[Bundle], order: &Order<'_>) -> Vec<(String, String)> {
    let account = order.account.unwrap_or(ACCOUNT_TO_COME);
    let mut lines = vec![("Account ID".to_owned(), account.to_owned())];
    let of_kind = |kind| {
        let entities = bundles.iter().flat_map(|it| &it.entities);
        entities.filter(move |it| it.kind == kind)
    };
    for role in of_kind(EntityKind::Role) {
        lines.push((format!("Role ARN ({})", role.actor), role.arn.clone()));
    }
    let mut ids: Vec<String> = bundles.iter().flat_map(Bundle::external_ids).collect();
    ids.sort();
    ids.dedup();
    if !ids.is_empty() {
        lines.push(("External ID".to_owned(), ids.join(", ")));
    }
    for user in of_kind(EntityKind::User) {
        lines.push(("User".to_owned(), user.name.clone()));
        for label in ["Access Key ID", "Secret Access Key"] {
            lines.push((label.to_owned(), KEY_TO_COME.to_owned()));
        }
    }
    if of_kind(EntityKind::User).next().is_some() {
        let inputs = bundles.iter().flat_map(|it| &it.inputs);
        let regions = inputs.filter(|it| it.name == "region");
        let first = regions.filter_map(|it| it.values.first()).next();
        lines.extend(first.map(|it| ("Default Region".to_owned(), it.clone())));
    }
    lines
}

/// What the hand-over says of a key until `apply` has made it.
pub const KEY_TO_COME: &str = "made by `rolecall bootstrap apply`";

/// A heading as the middle of a sentence; names stay as they are.
fn lower_start(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}
