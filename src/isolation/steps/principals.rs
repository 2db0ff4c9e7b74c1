//! Steps on roles, users, groups, their policies and boundaries.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Stepper, Turn};
use crate::arn::Arn;
use crate::catalog::Catalog;
use crate::evaluate::Policies;
use crate::isolation::family::{Condition, Family, trust};
use crate::isolation::objects::resource_tag_keys;
use crate::isolation::oracle::{Answer, Mode};
use crate::isolation::scene::Owner;
use crate::isolation::state::{Deed, FactId, NodeId, Origin};
use crate::isolation::transition::{Effect, KeyRole};

pub(super) const BOUNDARY: &str = "iam:PermissionsBoundary";

impl Stepper<'_, '_, '_> {
    pub(super) fn try_identity(&mut self, turn: &Turn<'_>) {
        let row = turn.row;
        let Some(on) = row.calls.get(row.target).map(|call| call.on.as_str()) else {
            return;
        };
        match (row.effect, on) {
            (Effect::CreatePrincipal, _) => self.create(turn),
            (Effect::AllowAny, "role" | "user") => self.write_inline(turn, on),
            (Effect::AllowAny | Effect::AllowDocument, "group" | "renamed-group") => {
                self.groups(turn);
            }
            (Effect::AllowAny, "policy") => self.write_policies(turn),
            (Effect::AllowDocument, "role" | "user") => self.attach(turn, on),
            (Effect::DropDeny, _) => self.drop_deny(turn, on),
            (Effect::BoundaryValue, "role" | "user") => self.set_boundary(turn, on),
            (Effect::BoundaryNone, "role" | "user") => self.remove_boundary(turn, on),
            (Effect::BoundaryAny, _) => self.write_boundaries(turn),
            (Effect::TrustAny, "role") => self.write_trust(turn),
            (Effect::TrustAny, _) => self.write_provider(turn, on),
            (Effect::Assume, "role") => self.assume(turn),
            (Effect::Credential, "user" | "renamed-user") => self.credential(turn),
            // Sessions of the actor itself, of root users and the like: what they are worth, no
            // document shows.
            (Effect::Assume | Effect::Credential, _) => self.stranger(turn, on),
            _ => {}
        }
    }

    /// Principals of a kind on which a step could be taken.
    pub(super) fn targets(&self, kind: &str) -> Vec<NodeId> {
        let nodes = self.state.nodes.iter().enumerate();
        nodes
            .filter(|(_, node)| node.kind() == kind)
            .map(|(at, _)| at)
            .collect()
    }

    pub(super) fn arn(&self, node: NodeId) -> String {
        self.state.nodes[node].arn.clone()
    }

    /// Facts on which a step on a principal rests.
    pub(super) fn facts_of(&self, node: NodeId) -> Vec<FactId> {
        vec![self.state.nodes[node].exists]
    }

    /// One call on a principal.
    pub(super) fn ask_target(
        &mut self,
        turn: &Turn<'_>,
        target: NodeId,
        more: Vec<Condition>,
    ) -> Answer {
        let action = turn.row.calls[turn.row.target].action.clone();
        let family = Family::new(&[action])
            .on(&[self.arn(target)])
            .when_all(self.target_conditions(turn.row, target))
            .when_all(more)
            .in_one_of(self.target_tags(target));
        self.ask(&turn.power, turn.by, &family)
    }

    fn write_inline(&mut self, turn: &Turn<'_>, kind: &str) {
        for target in self.targets(kind) {
            let node = &self.state.nodes[target];
            let arn = node.arn.clone();
            let done = node.any.is_some() && target != 0;
            if node.origin == Origin::Foreign || done || !self.is_new(turn, &arn) {
                continue;
            }
            if let Answer::Yes(witness) = self.ask_target(turn, target, Vec::new()) {
                let facts = self.facts_of(target);
                let made = vec![witness.map(|it| *it)];
                self.found(
                    turn,
                    &arn,
                    made,
                    &facts,
                    Deed::PutPolicy { to: arn.clone() },
                );
            }
        }
        self.anywhere(turn, kind, |arn| Deed::PutPolicy { to: arn });
    }

    /// An actor whose ARN nobody said may be any principal of its kind.
    pub(super) fn anywhere(&mut self, turn: &Turn<'_>, kind: &str, deed: impl Fn(String) -> Deed) {
        let actor = &self.state.nodes[0];
        if self.mode == Mode::Must || self.scene.actor_named || actor.kind() != kind {
            return;
        }
        let arn = actor.arn.clone();
        if !self.is_new(turn, &arn) {
            return;
        }
        let objects = if kind == "role" {
            &self.scene.roles
        } else {
            &self.scene.users
        };
        let arns: Vec<String> = objects
            .iter()
            .filter(|it| it.owner != Owner::Reserved)
            .map(|it| it.arn.clone())
            .collect();
        let action = turn.row.calls[turn.row.target].action.clone();
        let family = Family::new(&[action]).on(&arns);
        if self.ask(&turn.power, turn.by, &family).is_yes() {
            self.found(turn, &arn, vec![None], &[], deed(arn.clone()));
            self.guess("the actor's ARN was not given (`--principal`)");
        }
    }

    fn attach(&mut self, turn: &Turn<'_>, kind: &str) {
        let policies = self.strong_policies();
        for target in self.targets(kind) {
            let node = &self.state.nodes[target];
            let arn = node.arn.clone();
            let known = format!("{arn} {}", policies.len());
            let done = node.any.is_some() && target != 0;
            if node.origin == Origin::Foreign || done {
                continue;
            }
            if self.fired.contains(&(turn.row.id.clone(), arn.clone()))
                || !self.is_new(turn, &known)
            {
                continue;
            }
            let arns: Vec<&String> = policies.iter().map(|(arn, _)| arn).collect();
            let document = Condition::new("ArnEquals", "iam:PolicyARN", &arns);
            let Answer::Yes(witness) = self.ask_target(turn, target, vec![document]) else {
                continue;
            };
            let chosen = witness.as_ref().and_then(|it| {
                let mut entries = it.request.context.entries().iter();
                let entry = entries.find(|it| it.key.eq_ignore_ascii_case("iam:PolicyARN"))?;
                let value = entry.values.first()?;
                policies.iter().find(|(arn, _)| **arn == **value)
            });
            let (policy, fact) = chosen.unwrap_or(&policies[0]).clone();
            let mut facts = self.facts_of(target);
            facts.extend(fact);
            let made = vec![witness.map(|it| *it)];
            let deed = Deed::Attach {
                to: arn.clone(),
                policy,
            };
            self.found(turn, &arn, made, &facts, deed);
        }
        self.anywhere(turn, kind, |arn| Deed::PutPolicy { to: arn });
    }

    fn groups(&mut self, turn: &Turn<'_>) {
        let opens = turn.row.effect == Effect::AllowAny
            || turn.row.condition_keys.contains_key("iam:PolicyARN");
        for group in self.scene.groups.clone() {
            if !self.is_new(turn, &group.arn) {
                continue;
            }
            let known = self.state.open_groups.get(&group.arn).copied();
            let strong = group.owner == Owner::Foreign || known.is_some();
            if !opens && !strong {
                continue;
            }
            let mut made = Vec::new();
            for call in &turn.row.calls {
                let mut family = Family::new(&[&call.action]).on(&[&group.arn]);
                if call.on == "renamed-group" {
                    let arns: Vec<&String> = self.scene.groups.iter().map(|it| &it.arn).collect();
                    family = family.on(&arns);
                }
                if turn.row.condition_keys.get("iam:PolicyARN") == Some(&KeyRole::Document) {
                    let policies = self.strong_policies();
                    let arns: Vec<&String> = policies.iter().map(|(arn, _)| arn).collect();
                    family = family.when(Condition::new("ArnEquals", "iam:PolicyARN", &arns));
                }
                match self.ask(&turn.power, turn.by, &family) {
                    Answer::No => break,
                    Answer::Yes(witness) => made.push(witness.map(|it| *it)),
                }
            }
            if made.len() < turn.row.calls.len() {
                continue;
            }
            if opens {
                let deed = Deed::OpenGroup {
                    group: group.arn.clone(),
                };
                self.found(turn, &group.arn, made, &[], deed);
                continue;
            }
            let users: Vec<NodeId> = self
                .targets("user")
                .into_iter()
                .filter(|it| {
                    let node = &self.state.nodes[*it];
                    node.origin != Origin::Foreign && !node.is_total()
                })
                .collect();
            for user in users {
                let arn = self.arn(user);
                let mut facts = self.facts_of(user);
                facts.extend(known);
                let deed = Deed::JoinGroup {
                    user: arn,
                    group: group.arn.clone(),
                };
                self.found(turn, &group.arn, made.clone(), &facts, deed);
            }
        }
    }

    fn create(&mut self, turn: &Turn<'_>) {
        let kind = turn.row.kind.as_deref().unwrap_or("role");
        let objects = if kind == "role" {
            self.scene.roles.clone()
        } else {
            self.scene.users.clone()
        };
        for object in objects {
            // Deleting and creating again is for names that are taken.
            let taken = matches!(object.owner, Owner::Protected | Owner::Named);
            if object.owner == Owner::Reserved || taken != (turn.row.calls.len() > 1) {
                continue;
            }
            let arn = if taken { object.arn } else { object.new };
            self.create_bounded(turn, &arn, None);
            for at in 0..self.scene.boundaries.len() {
                self.create_bounded(turn, &arn, Some(at));
            }
        }
    }

    fn create_bounded(&mut self, turn: &Turn<'_>, arn: &str, boundary: Option<usize>) {
        let arn = match boundary {
            None => arn.to_owned(),
            Some(0) => self.scene.sibling(arn, "bounded"),
            Some(at) => self.scene.sibling(arn, &format!("bounded-{at}")),
        };
        let name = format!("{arn} {boundary:?}");
        if !self.is_new(turn, &name) {
            return;
        }
        for tagged in [true, false] {
            if tagged && self.scene.tags.is_empty() {
                continue;
            }
            if self.create_tagged(turn, &arn, boundary, tagged, &name) {
                return;
            }
        }
    }

    fn create_tagged(
        &mut self,
        turn: &Turn<'_>,
        arn: &str,
        boundary: Option<usize>,
        tagged: bool,
        name: &str,
    ) -> bool {
        let tags: Vec<(String, String)> = if tagged {
            let tags = self.scene.tags.iter();
            tags.filter_map(|(key, values)| Some((key.clone(), values.first()?.clone())))
                .collect()
        } else {
            Vec::new()
        };
        let mut conditions = Vec::new();
        for (tag, value) in &tags {
            conditions.push(Condition::is(&format!("aws:RequestTag/{tag}"), &[value]));
            // A tagged create of an IAM object has its request's tags as the resource's.
            for key in resource_tag_keys(self.scene.input.catalog, "iam", tag) {
                conditions.push(Condition::new("StringEqualsIfExists", &key, &[value]));
            }
        }
        let known: Vec<String> = self
            .scene
            .boundaries
            .iter()
            .map(|it| it.arn.clone())
            .collect();
        let variants = match boundary {
            Some(at) => vec![vec![Condition::is(BOUNDARY, &[&known[at]])]],
            None => {
                let policies = self.strong_policies();
                let arns: Vec<&String> = policies.iter().map(|(arn, _)| arn).collect();
                vec![
                    vec![Condition::absent(BOUNDARY)],
                    vec![Condition::is(BOUNDARY, &arns)],
                ]
            }
        };
        let mut made = Vec::new();
        let mut value = None;
        for (at, call) in turn.row.calls.iter().enumerate() {
            let family = Family::new(&[&call.action]).on(&[arn]);
            let last = at + 1 == turn.row.calls.len();
            let family = if last {
                family
                    .when_all(conditions.clone())
                    .in_one_of(variants.clone())
            } else {
                family
            };
            match self.ask(&turn.power, turn.by, &family) {
                Answer::No => return false,
                Answer::Yes(witness) => {
                    value = witness
                        .as_ref()
                        .and_then(|it| value_of(&it.request, BOUNDARY));
                    made.push(witness.map(|it| *it));
                }
            }
        }
        let mut facts: Vec<FactId> = Vec::new();
        let policies = self.strong_policies();
        let used = policies.iter().find(|(arn, _)| Some(arn) == value.as_ref());
        facts.extend(used.and_then(|(_, fact)| *fact));
        let boundary = boundary.map(|at| known[at].clone()).or(value);
        let deed = Deed::Create {
            arn: arn.to_owned(),
            boundary,
            tags,
        };
        self.found(turn, name, made, &facts, deed);
        true
    }

    fn write_trust(&mut self, turn: &Turn<'_>) {
        for target in self.targets("role") {
            let node = &self.state.nodes[target];
            let arn = node.arn.clone();
            let own = node.origin == Origin::Created;
            if own || !self.is_new(turn, &arn) {
                continue;
            }
            if let Answer::Yes(witness) = self.ask_target(turn, target, Vec::new()) {
                let facts = self.facts_of(target);
                let deed = Deed::OpenTrust { of: arn.clone() };
                self.found(turn, &arn, vec![witness.map(|it| *it)], &facts, deed);
            }
        }
        self.anywhere(turn, "role", |of| Deed::OpenTrust { of });
    }

    /// An identity provider behind which the actor stands opens every role that trusts it: one of
    /// somebody else is assumed to (F1).
    fn write_provider(&mut self, turn: &Turn<'_>, on: &str) {
        let foreign = self
            .state
            .nodes
            .iter()
            .find(|it| it.origin == Origin::Foreign && it.is_role());
        let Some(arn) = foreign.map(|it| it.arn.clone()) else {
            return;
        };
        if !self.is_new(turn, &arn) {
            return;
        }
        let patterns = crate::isolation::objects::patterns(self.scene, "iam", on);
        let mut harmless = crate::isolation::objects::own_names(self.scene);
        if turn.row.not_on_eks_issuers {
            harmless.extend(eks_issuers(&turn.power.policies, self.scene.input.catalog));
        }
        let family = Family::new(&[&turn.row.calls[0].action])
            .on(&patterns)
            .not_on(&harmless);
        if let Answer::Yes(witness) = self.ask(&turn.power, turn.by, &family) {
            let made = vec![witness.map(|it| *it)];
            // Whom the provider vouches for assumes the role by no permission of its own.
            self.found(turn, &arn, made, &[], Deed::Become { arn: arn.clone() });
        }
    }

    fn assume(&mut self, turn: &Turn<'_>) {
        if turn.row.calls[0].action != "sts:AssumeRole" {
            return;
        }
        for target in self.targets("role") {
            let node = &self.state.nodes[target];
            if node.acts.is_some() && node.origin != Origin::Foreign || target == 0 {
                continue;
            }
            let (arn, open, exists) = (node.arn.clone(), node.trust, node.exists);
            if !self.is_new(turn, &format!("{arn} {}", open.is_some())) {
                continue;
            }
            let family = Family::new(&["sts:AssumeRole"]).on(&[&arn]);
            let answer = if open.is_some() {
                let everyone = trust(&json!({"AWS": "*"}));
                self.ask_with(&turn.power, turn.by, &family, everyone, 3)
            } else {
                let account = self.account_trust();
                self.ask_with(&turn.power, turn.by, &family, account, 4)
            };
            if let Answer::Yes(witness) = answer {
                let mut facts = vec![exists];
                facts.extend(open);
                let made = vec![witness.map(|it| *it)];
                let name = format!("{arn} {}", open.is_some());
                self.found(turn, &name, made, &facts, Deed::Become { arn });
            }
        }
    }

    fn credential(&mut self, turn: &Turn<'_>) {
        for target in self.targets("user") {
            let node = &self.state.nodes[target];
            let arn = node.arn.clone();
            let known = node.acts.is_some() && node.origin != Origin::Foreign;
            if known || target == 0 || !self.is_new(turn, &arn) {
                continue;
            }
            let users: Vec<String> = self.scene.users.iter().map(|it| it.arn.clone()).collect();
            let mut made = Vec::new();
            for call in &turn.row.calls {
                let family = Family::new(&[&call.action]);
                let family = if call.on == "renamed-user" {
                    family.on(&users)
                } else {
                    family.on(&[&arn]).in_one_of(self.target_tags(target))
                };
                match self.ask(&turn.power, turn.by, &family) {
                    Answer::No => break,
                    Answer::Yes(witness) => made.push(witness.map(|it| *it)),
                }
            }
            if made.len() < turn.row.calls.len() {
                continue;
            }
            let facts = self.facts_of(target);
            self.found(turn, &arn, made, &facts, Deed::Become { arn: arn.clone() });
        }
    }

    /// Sessions of which no document says what they are worth.
    fn stranger(&mut self, turn: &Turn<'_>, on: &str) {
        if self.mode == Mode::Must || !self.is_new(turn, on) {
            return;
        }
        // The same permissions under another name: only who asks for names sees a stranger.
        if on == "federated-user" && (self.state.nodes[turn.by].is_role() || !self.asks_for_names())
        {
            return;
        }
        let family = Family::new(&[&turn.row.calls[0].action]);
        if self.ask(&turn.power, turn.by, &family).is_yes() {
            let foreign = self
                .state
                .nodes
                .iter()
                .find(|it| it.origin == Origin::Foreign);
            let Some(arn) = foreign.map(|it| it.arn.clone()) else {
                return;
            };
            self.found(turn, on, vec![None], &[], Deed::Become { arn });
        }
    }

    /// Whether a document of the actor depends on who it is.
    fn asks_for_names(&self) -> bool {
        const NAMES: [&str; 4] = [
            "aws:principalarn",
            "aws:username",
            "aws:userid",
            "aws:principaltag/",
        ];
        let policies = self.scene.input.policies;
        let documents = policies
            .identity
            .iter()
            .chain(policies.boundary.iter().flatten())
            .chain(policies.scps.iter().flat_map(|level| &level.policies));
        let asks = |key: &str| NAMES.iter().any(|name| key.starts_with(name));
        documents.flat_map(|it| &it.statements).any(|statement| {
            let resources = statement.resource.iter().flat_map(|it| &it.patterns);
            let mut templates = resources.map(|it| &it.template).chain(
                statement
                    .conditions
                    .iter()
                    .flat_map(|it| it.values.iter().map(|value| &value.template)),
            );
            statement.conditions.iter().any(|it| asks(&it.key))
                || templates.any(|it| it.variables().any(|variable| asks(&variable.key)))
        })
    }
}

/// Returns the value that a request has for a key.
pub(in crate::isolation) fn value_of(
    request: &crate::evaluate::Request,
    key: &str,
) -> Option<String> {
    let mut entries = request.context.entries().iter();
    let entry = entries.find(|it| it.key.eq_ignore_ascii_case(key))?;
    entry.values.first().map(|it| it.to_string())
}

/// Returns the patterns of documents that mean issuers of Amazon EKS clusters and nothing else
/// (Amazon EKS User Guide, "Create an IAM OIDC provider for your cluster"): the whole host name is
/// spelt out, since `oidc.eks.*` means other hosts too.
fn eks_issuers(policies: &Policies, catalog: &Catalog) -> Vec<String> {
    let is_issuer = |text: &str| {
        let arn = Arn::parse(text).filter(|it| it.service == "iam")?;
        let (host, _) = arn
            .resource
            .strip_prefix("oidc-provider/oidc.eks.")?
            .split_once("/id/")?;
        let region = ["amazonaws.com", "amazonaws.com.cn"]
            .iter()
            .find_map(|it| host.strip_suffix(it)?.strip_suffix('.'))?;
        catalog.is_region(region).then_some(())
    };
    let statements = policies.identity.iter().flat_map(|it| &it.statements);
    let patterns = statements.flat_map(|it| it.resource.iter().flat_map(|it| &it.patterns));
    let texts = patterns.map(|it| it.template.text());
    let found: BTreeSet<&str> = texts.filter(|it| is_issuer(it).is_some()).collect();
    found.into_iter().map(str::to_owned).collect()
}
