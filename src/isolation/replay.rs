//! Makes the requests of a path one after the other on a concrete account, each decided by
//! `evaluate` before what it changes is entered. What does not go through here is not shown.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::dedicated::trusts_account;
use super::family::{default_key_policy, everything, open_resource, trust};
use super::scene::{Scene, caller_of};
use super::state::{Deed, Origin, State};
use super::steps::ADMINISTRATOR;
use crate::arn::Arn;
use crate::evaluate::derive::{Known, derive};
use crate::evaluate::{Decision, Policies, Principal, Request, Settings, decide};
use crate::policy::{Document, Effect};

/// A role or user of the concrete account.
#[derive(Clone, Debug)]
struct Person {
    principal: Principal,
    /// Whether it has the actor's documents.
    is_actor: bool,
    /// Whether a document that allows everything is in its own.
    any: bool,
    attached: Vec<String>,
    boundary: Option<String>,
    trust: Option<Document>,
}

/// The concrete account.
#[derive(Clone)]
pub(super) struct Model<'s> {
    scene: &'s Scene<'s>,
    persons: BTreeMap<String, Person>,
    /// Managed policies that allow everything.
    written: BTreeSet<String>,
    /// Identity documents of the actor without their Deny.
    dropped: BTreeSet<usize>,
    /// Tags of resources, as soon as a request showed them.
    tags: BTreeMap<String, BTreeMap<String, String>>,
    opened: BTreeSet<String>,
    acting: BTreeSet<String>,
    is_free: bool,
}

/// A request that went through.
#[derive(Clone, Debug)]
pub(super) struct Done {
    pub(super) request: Request,
    pub(super) policies: Policies,
}

impl<'s> Model<'s> {
    pub(super) fn new(state: &State<'s>) -> Self {
        let scene = state.scene;
        let mut persons = BTreeMap::new();
        for node in &state.nodes {
            if node.origin == Origin::Created {
                continue;
            }
            let boundary = node.boundary.map(|at| scene.boundaries[at].arn.clone());
            persons.insert(
                node.arn.clone(),
                Person {
                    principal: node.principal.clone(),
                    is_actor: node.origin == Origin::Actor,
                    any: node.origin == Origin::Foreign,
                    attached: Vec::new(),
                    boundary,
                    trust: None,
                },
            );
        }
        Self {
            scene,
            persons,
            written: BTreeSet::new(),
            dropped: BTreeSet::new(),
            tags: BTreeMap::new(),
            opened: BTreeSet::new(),
            acting: BTreeSet::from([scene.actor.clone()]),
            is_free: false,
        }
    }

    /// Decides a request of a principal; `None`: it is not allowed.
    pub(super) fn make(&mut self, by: &str, asked: &Request) -> Option<Done> {
        if !self.acting.contains(by) {
            return None;
        }
        let person = self.persons.get(by)?.clone();
        let policies = Policies {
            resource: self.resource_policy(asked),
            ..self.policies(&person)
        };
        let context = self.context(&person, asked);
        let known = Known {
            principal: Some(&person.principal),
            resource: asked.resource.as_deref(),
            resource_type: None,
            resource_account: asked
                .resource_account
                .as_deref()
                .or(Some(&self.scene.account)),
            context: &context,
            absent: &[],
            complete: true,
            settings: Settings {
                complete: true,
                ..asked.settings.clone()
            },
        };
        let request = derive(&asked.action, &known, self.scene.input.catalog).request;
        let verdict = decide(&policies, &request);
        if verdict.decision != Decision::Allowed {
            return None;
        }
        self.remember(asked);
        Some(Done { request, policies })
    }

    fn policies(&self, person: &Person) -> Policies {
        let given = self.scene.input.policies;
        let mut identity = Vec::new();
        if person.is_actor {
            for (at, document) in given.identity.iter().enumerate() {
                if self.written.contains(&self.scene.held[at].arn) {
                    identity.push(everything());
                    continue;
                }
                let mut document = document.clone();
                if self.dropped.contains(&at) {
                    document.statements.retain(|it| it.effect == Effect::Allow);
                }
                identity.push(document);
            }
        }
        if person.any || person.attached.iter().any(|arn| self.is_strong(arn)) {
            identity.push(everything());
        }
        let boundary = person.boundary.as_ref().and_then(|arn| {
            if self.written.contains(arn) {
                return None;
            }
            let mut boundaries = self.scene.boundaries.iter();
            // Any other policy that stands as a boundary here was chosen because it allows all.
            boundaries
                .find(|it| it.arn == *arn)
                .map(|it| it.documents.clone())
        });
        let scps = if self.is_free {
            Vec::new()
        } else {
            given.scps.clone()
        };
        let of_actor =
            |documents: &Option<Vec<Document>>| documents.clone().filter(|_| person.is_actor);
        Policies {
            identity,
            boundary,
            session: of_actor(&given.session),
            endpoint: of_actor(&given.endpoint),
            scps,
            rcps: given.rcps.clone(),
            resource: None,
        }
    }

    /// Whether a managed policy allows everything: AWS's, one that was written on the way, or one of
    /// somebody else (F1).
    fn is_strong(&self, arn: &str) -> bool {
        let aws = Arn::parse(arn).is_some_and(|it| it.account == "aws");
        let name = arn.rsplit('/').next().unwrap_or_default();
        let held = self.scene.held.iter().any(|it| it.arn == arn);
        if aws {
            return ADMINISTRATOR.contains(&name);
        }
        self.written.contains(arn) || !held
    }

    fn resource_policy(&self, asked: &Request) -> Option<Document> {
        let resource = asked.resource.as_deref()?;
        if self.opened.contains(resource) {
            return Some(open_resource());
        }
        match asked.action.service() {
            "sts" => {
                let Scene {
                    partition, account, ..
                } = self.scene;
                let abroad = Arn::parse(resource).is_some_and(|it| it.account != *account);
                if abroad && self.scene.input.dedicated_account {
                    return Some(trusts_account(partition, account));
                }
                let person = self.persons.get(resource)?;
                let given = || trusts_account(partition, account);
                Some(person.trust.clone().unwrap_or_else(given))
            }
            "kms" => Some(default_key_policy(
                &self.scene.partition,
                &self.scene.account,
            )),
            _ => None,
        }
    }

    /// The context of the request with what the account says of caller and target.
    fn context(&self, caller: &Person, asked: &Request) -> Vec<(String, Vec<String>)> {
        let resource = asked.resource.as_deref().unwrap_or_default();
        let target = self.persons.get(resource);
        let tags = self.tags.get(resource);
        let sets = matches!(
            asked.action.name(),
            "createrole"
                | "createuser"
                | "putrolepermissionsboundary"
                | "putuserpermissionsboundary"
        );
        let mut context = Vec::new();
        for entry in asked.context.entries() {
            let folded = entry.key.to_ascii_lowercase();
            let values: Vec<String> = entry.values.iter().map(|it| it.to_string()).collect();
            if folded == "iam:permissionsboundary" && !sets && target.is_some() {
                continue;
            }
            if let Some(tag) = tag_of(&folded, &entry.key)
                && let Some(known) = tags
            {
                let value = known.iter().find(|(key, _)| key.eq_ignore_ascii_case(tag));
                if let Some((_, value)) = value {
                    context.push((entry.key.to_string(), vec![value.clone()]));
                }
                continue;
            }
            context.push((entry.key.to_string(), values));
        }
        if !sets && let Some(boundary) = target.and_then(|it| it.boundary.as_ref()) {
            let key = "iam:PermissionsBoundary".to_owned();
            context.push((key, vec![boundary.clone()]));
        }
        let has = |context: &[(String, Vec<String>)], key: &str| {
            context
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(key))
        };
        for (tag, value) in tags.into_iter().flatten() {
            let service = asked.action.service();
            let keys = super::objects::resource_tag_keys(self.scene.input.catalog, service, tag);
            for key in keys {
                if !has(&context, &key) {
                    context.push((key, vec![value.clone()]));
                }
            }
        }
        // The tags of a caller are what its first request showed.
        if let Some(known) = self
            .tags
            .get(caller.principal.principal_arn().as_deref().unwrap_or(""))
        {
            for (tag, value) in known {
                let key = format!("aws:PrincipalTag/{tag}");
                if !has(&context, &key) {
                    context.push((key, vec![value.clone()]));
                }
            }
        }
        context
    }

    /// The first request on a resource shows its tags.
    fn remember(&mut self, asked: &Request) {
        let Some(resource) = asked.resource.as_deref() else {
            return;
        };
        let creates = asked.action.name().starts_with("create")
            && asked
                .context
                .entries()
                .iter()
                .any(|it| it.key.to_ascii_lowercase().starts_with("aws:requesttag/"));
        if self.tags.contains_key(resource) || creates {
            return;
        }
        let mut tags = BTreeMap::new();
        for entry in asked.context.entries() {
            let folded = entry.key.to_ascii_lowercase();
            if let Some(tag) = tag_of(&folded, &entry.key)
                && let Some(value) = entry.values.first()
            {
                tags.insert(tag.to_owned(), value.to_string());
            }
        }
        self.tags.insert(resource.to_owned(), tags);
    }

    /// Enters what a step changed.
    pub(super) fn apply(&mut self, deed: &Deed) {
        match deed {
            Deed::PutPolicy { to } | Deed::JoinGroup { user: to, .. } => {
                if let Some(person) = self.persons.get_mut(to) {
                    person.any = true;
                }
            }
            Deed::Attach { to, policy } => {
                if let Some(person) = self.persons.get_mut(to) {
                    person.attached.push(policy.clone());
                }
            }
            Deed::WritePolicy { policy } => {
                self.written.insert(policy.clone());
            }
            Deed::DropDocument { at } => {
                self.dropped.insert(*at);
            }
            Deed::SetBoundary { of, policy } => {
                if let Some(person) = self.persons.get_mut(of) {
                    person.boundary = Some(policy.clone());
                }
            }
            Deed::RemoveBoundary { of } => {
                if let Some(person) = self.persons.get_mut(of) {
                    person.boundary = None;
                }
            }
            Deed::Create {
                arn,
                boundary,
                tags,
            } => {
                self.persons.insert(
                    arn.clone(),
                    Person {
                        principal: caller_of(arn),
                        is_actor: false,
                        any: false,
                        attached: Vec::new(),
                        boundary: boundary.clone(),
                        trust: Some(trust(&json!({"AWS": "*"}))),
                    },
                );
                self.tags
                    .insert(arn.clone(), tags.iter().cloned().collect());
            }
            Deed::OpenTrust { of } => {
                if let Some(person) = self.persons.get_mut(of) {
                    person.trust = Some(trust(&json!({"AWS": "*"})));
                }
            }
            Deed::Become { arn } => {
                self.acting.insert(arn.clone());
            }
            Deed::Tag { resource, tags } => {
                let known = self.tags.entry(resource.clone()).or_default();
                known.extend(tags.iter().cloned());
            }
            Deed::Untag { resource, keys } => {
                if let Some(known) = self.tags.get_mut(resource) {
                    known.retain(|key, _| !keys.iter().any(|it| it.eq_ignore_ascii_case(key)));
                }
            }
            Deed::OpenResource { resource } => {
                self.opened.insert(resource.clone());
            }
            Deed::LeaveOrganization => self.is_free = true,
            Deed::OpenGroup { .. } => {}
        }
    }

    /// Whether the actor acts as a principal.
    pub(super) fn acts_as(&self, arn: &str) -> bool {
        self.acting.contains(arn)
    }
}

/// The tag in a key of a resource's tag: `Vendor` in `aws:ResourceTag/Vendor`.
fn tag_of<'k>(folded: &str, written: &'k str) -> Option<&'k str> {
    let (start, _) = folded.split_once('/')?;
    let name = start.split_once(':').map_or(start, |(_, name)| name);
    (name == "resourcetag").then(|| &written[start.len() + 1..])
}
