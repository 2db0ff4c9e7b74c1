//! Steps that run code as a role, and steps on what is no principal: resource policies, the
//! organization. The catalog's generic rules are here too.

use std::rc::Rc;

use super::{Named, Stepper, Turn, names};
use crate::analyze::{Access, Witness, beside, looks_at_caller};
use crate::evaluate::Settings;
use crate::isolation::family::{Condition, Family, document};
use crate::isolation::objects::{self, Tags};
use crate::isolation::oracle::{Answer, Mode};
use crate::isolation::state::{Deed, NodeId, Origin, Power};
use crate::isolation::transition::{Call, Effect, KeyRole};
use crate::policy::Kind;

const PASS_ROLE: &str = "iam:PassRole";
const PASSED_TO: &str = "iam:PassedToService";
/// Keys that show under which aliases a KMS key goes.
const ALIASES: [&str; 2] = ["kms:ResourceAliases", "kms:RequestAlias"];
/// How many actions of one kind are listed one by one.
const MOST: usize = 40;

impl Stepper<'_, '_, '_> {
    /// Roles that could be passed: somebody else's, and named ones that became stronger.
    fn passable(&self) -> Vec<NodeId> {
        let nodes = self.state.nodes.iter().enumerate();
        nodes
            .filter(|(at, node)| {
                let strong = node.origin == Origin::Foreign || node.any.is_some();
                let known = node.acts.is_some() && node.origin != Origin::Foreign;
                *at != 0 && node.is_role() && !known && strong
            })
            .map(|(at, _)| at)
            .collect()
    }

    pub(super) fn try_run_as(&mut self, turn: &Turn<'_>) {
        for role in self.passable() {
            let arn = self.state.nodes[role].arn.clone();
            if !self.is_new(turn, &arn) {
                continue;
            }
            let mut made = Vec::new();
            for call in &turn.row.calls {
                if call.optional && self.mode == Mode::May {
                    continue;
                }
                let answer = if call.action.eq_ignore_ascii_case(PASS_ROLE) {
                    let services: Vec<&String> = call.to.iter().collect();
                    self.ask_pass(&turn.power, turn.by, role, &services)
                } else {
                    let foreign = turn.row.on_foreign && made.is_empty();
                    let tags = if foreign { Tags::Foreign } else { Tags::Any };
                    self.ask_call(turn, call, tags, &made)
                };
                match answer {
                    None => break,
                    Some(witnesses) => made.push(witnesses),
                }
            }
            let wanted = turn.row.calls.iter();
            let wanted = wanted
                .filter(|it| !(it.optional && self.mode == Mode::May))
                .count();
            if made.len() < wanted || self.is_never_at_once(turn, role, &made) {
                continue;
            }
            let facts = [self.state.nodes[role].exists];
            let made = made.into_iter().flatten().collect();
            self.found(turn, &arn, made, &facts, Deed::Become { arn: arn.clone() });
        }
    }

    /// Whether the call and the passing of the role, which are decided at once, ask contradictory
    /// things of the caller or of the connection.
    fn is_never_at_once(
        &mut self,
        turn: &Turn<'_>,
        role: NodeId,
        made: &[Vec<Option<Witness>>],
    ) -> bool {
        let given = &turn.power.policies;
        let mut calls = turn.row.calls.iter();
        let pass = calls.find(|it| it.action.eq_ignore_ascii_case(PASS_ROLE));
        let Some(pass) = pass.filter(|_| looks_at_caller(given)) else {
            return false;
        };
        let main = &turn.row.calls[0].action;
        let mut policies = given.clone();
        for witness in made.iter().flatten().flatten() {
            let request = &witness.request;
            if request.action.text.eq_ignore_ascii_case(main) && main != &pass.action {
                // The caller may choose another object than the one in the example.
                policies.scps.extend(beside(given, request, false));
            }
        }
        let services: Vec<&String> = pass.to.iter().collect();
        let family = self.passing(role, &services);
        let family = [document(&family.text(), Kind::Identity)];
        let settings = Settings::default();
        let access = Access {
            policies: &policies,
            principal: &self.state.nodes[turn.by].principal,
            resource_account: Some(&self.scene.account),
            settings: &settings,
        };
        let answer = self
            .asker
            .allowed_of(self.mode, self.scene, &family, &access);
        !answer.is_yes()
    }

    /// Requests that pass a role to one of these services; none: to any.
    fn passing(&self, role: NodeId, services: &[&String]) -> Family {
        let family = Family::new(&[PASS_ROLE])
            .on(&[self.state.nodes[role].arn.clone()])
            .in_one_of(self.target_tags(role));
        if services.is_empty() {
            family
        } else {
            family.when(Condition::is(PASSED_TO, services))
        }
    }

    /// Whether a role may be passed to one of these services; none: to any.
    fn ask_pass(
        &mut self,
        power: &Power,
        by: NodeId,
        role: NodeId,
        services: &[&String],
    ) -> Option<Vec<Option<Witness>>> {
        let family = self.passing(role, services);
        match self.ask(power, by, &family) {
            Answer::No => None,
            Answer::Yes(witness) => Some(vec![witness.map(|it| *it)]),
        }
    }

    /// Whether a call is allowed on every resource type that it needs. Two calls of a row on one
    /// kind of object are about the same object.
    fn ask_call(
        &mut self,
        turn: &Turn<'_>,
        call: &Call,
        tags: Tags,
        before: &[Vec<Option<Witness>>],
    ) -> Option<Vec<Option<Witness>>> {
        let (service, _) = call.action.split_once(':')?;
        let service = service.to_ascii_lowercase();
        let entry = objects::entry(self.scene.input.catalog, &call.action);
        let mut kinds: Vec<String> = entry
            .into_iter()
            .flat_map(|it| it.required_resource_types())
            .map(|it| it.name.to_string())
            .collect();
        let has_types = entry.is_none_or(|it| !it.resource_types.is_empty());
        if has_types && !kinds.contains(&call.on) && call.on != "none" {
            kinds.push(call.on.clone());
        }
        let is_absent =
            |it: &(&String, &KeyRole)| matches!(*it.1, KeyRole::CreateAction | KeyRole::Absent);
        let absent = turn.row.condition_keys.iter().find(is_absent);
        let absent = absent.map(|(key, _)| Condition::absent(key));
        if kinds.is_empty() {
            let family = Family::new(&[&call.action]).when_all(absent);
            return match self.ask_object(&turn.power, turn.by, &family, &service) {
                Answer::No => None,
                Answer::Yes(witness) => Some(vec![witness.map(|it| *it)]),
            };
        }
        let mut all = Vec::new();
        for kind in kinds {
            let mut patterns = objects::patterns(self.scene, &service, &kind);
            if patterns.is_empty() {
                patterns.push("*".into());
            }
            let is_main = kind == call.on;
            let same = before.iter().flatten().flatten().find_map(|witness| {
                let arn = witness.request.resource.as_deref()?;
                let found =
                    objects::kind_of(self.scene.input.catalog, &witness.request.action.text, arn);
                (found.as_deref() == Some(kind.as_str())).then(|| arn.to_owned())
            });
            let tags = if is_main { tags } else { Tags::Any };
            let mut family = Family::new(&[&call.action])
                .in_one_of(objects::tag_variants(self.scene, &service, tags))
                .when_all(absent.clone());
            family = match same.filter(|_| self.mode == Mode::Must && is_main) {
                Some(arn) => family.on(&[arn]),
                None => family.on(&patterns),
            };
            if objects::has_no_colon(&service, &kind) {
                family = family.not_on(&[objects::WITH_COLON]);
            }
            if tags == Tags::Foreign {
                family = family.not_on(&objects::own_names(self.scene));
                // A key that goes by an alias which the documents ask for may be the vendor's.
                if service == "kms" && self.mode == Mode::Must {
                    family = family.when_all(ALIASES.map(Condition::absent));
                }
            }
            match self.ask_object(&turn.power, turn.by, &family, &service) {
                Answer::No => return None,
                Answer::Yes(witness) => {
                    all.extend(self.with_tags(turn, &call.action, &family, witness)?);
                }
            }
        }
        Some(all)
    }

    /// Code on something that runs as a role of its own: somebody else's, by assumption F1.
    pub(super) fn try_hijack(&mut self, turn: &Turn<'_>) {
        let mut roles = self.state.nodes.iter();
        let role = roles.find(|it| it.origin == Origin::Foreign && it.is_role());
        let Some(arn) = role.map(|it| it.arn.clone()) else {
            return;
        };
        if !self.is_new(turn, "hijack") {
            return;
        }
        let mut made: Vec<Vec<Option<Witness>>> = Vec::new();
        for call in &turn.row.calls {
            if call.optional && self.mode == Mode::May {
                continue;
            }
            match self.ask_call(turn, call, Tags::Foreign, &made) {
                None => return,
                Some(witnesses) => made.push(witnesses),
            }
        }
        let made = made.into_iter().flatten().collect();
        self.found(turn, "hijack", made, &[], Deed::Become { arn });
    }

    pub(super) fn try_open_resource(&mut self, turn: &Turn<'_>) {
        if !self.is_new(turn, "open") {
            return;
        }
        let tags = self.open_tags();
        let mut made: Vec<Vec<Option<Witness>>> = Vec::new();
        for call in &turn.row.calls {
            if call.optional && self.mode == Mode::May {
                continue;
            }
            match self.ask_call(turn, call, tags, &made) {
                None => return,
                Some(witnesses) => made.push(witnesses),
            }
        }
        let made: Vec<Option<Witness>> = made.into_iter().flatten().collect();
        let resource = resource_of(made.first());
        self.found(turn, "open", made, &[], Deed::OpenResource { resource });
    }

    pub(super) fn try_organization(&mut self, turn: &Turn<'_>) {
        if !self.is_new(turn, "organization") {
            return;
        }
        let mut made = Vec::new();
        for call in turn.row.calls.iter().filter(|it| !it.optional) {
            let family = Family::new(&[&call.action]);
            match self.ask(&turn.power, turn.by, &family) {
                Answer::No => return,
                Answer::Yes(witness) => made.push(witness.map(|it| *it)),
            }
        }
        self.found(turn, "organization", made, &[], Deed::LeaveOrganization);
    }

    /// The catalog's rules: what takes a role runs as it, what manages permissions opens its object.
    pub(super) fn try_generic(&mut self, by: NodeId, power: &Rc<Power>, named: &Named) {
        let catalog = self.scene.input.catalog;
        let mut passing: Vec<(String, Vec<String>)> = Vec::new();
        let mut opening: Vec<String> = Vec::new();
        let mut unmodelled: Vec<String> = Vec::new();
        for (name, rule) in &named.generic {
            if rule.upper_bound && self.mode == Mode::Must {
                continue;
            }
            let service = name.split(':').next().unwrap_or_default();
            let has_types =
                objects::entry(catalog, name).is_some_and(|it| !it.resource_types.is_empty());
            match rule.effect {
                Effect::RunAs => {
                    passing.push((name.clone(), objects::service_principals(catalog, service)));
                }
                Effect::ResourcePolicyAny if has_types => opening.push(name.clone()),
                Effect::ResourcePolicyAny => unmodelled.push(name.clone()),
                // What tags are worth is `tagging`'s to find out.
                _ => {}
            }
        }
        self.generic_pass(by, power, &passing);
        self.generic_open(by, power, &opening);
        self.generic_unmodelled(by, power, &unmodelled);
    }

    fn generic_pass(&mut self, by: NodeId, power: &Rc<Power>, passing: &[(String, Vec<String>)]) {
        if passing.is_empty() || !names(&power.policies, PASS_ROLE) {
            return;
        }
        for role in self.passable() {
            let arn = self.state.nodes[role].arn.clone();
            // Where no role can be passed at all there is nothing to ask of each action.
            if !self.is_new_of("pass-any", power.id, &arn)
                || self.ask_pass(power, by, role, &[]).is_none()
            {
                continue;
            }
            for (action, services) in passing.iter().take(MOST) {
                let row = format!("pass-role {action}");
                if !self.is_new_of(&row, power.id, &arn) {
                    continue;
                }
                let services: Vec<&String> = services.iter().collect();
                let Some(pass) = self.ask_pass(power, by, role, &services) else {
                    continue;
                };
                let service = action.split(':').next().unwrap_or_default();
                let answer = self.ask_object(power, by, &Family::new(&[action]), service);
                let Answer::Yes(witness) = answer else {
                    continue;
                };
                let mut made = pass;
                made.push(witness.map(|it| *it));
                let title = format!("passes the role to {service} with `{action}`");
                let facts = [self.state.nodes[role].exists];
                let deed = Deed::Become { arn: arn.clone() };
                self.note(&row, &title, "W13", by, power, &arn, made, &facts, deed);
                self.guess(&format!("unmodelled: {action}"));
            }
        }
    }

    /// Whose objects may not be opened: somebody else's, and in an account of the vendor's own any,
    /// for that lets others into the account.
    const fn open_tags(&self) -> Tags {
        if self.scene.input.dedicated_account {
            Tags::Any
        } else {
            Tags::Foreign
        }
    }

    fn generic_open(&mut self, by: NodeId, power: &Rc<Power>, opening: &[String]) {
        let mut by_service: std::collections::BTreeMap<&str, Vec<&String>> =
            std::collections::BTreeMap::new();
        for action in opening {
            let service = action.split(':').next().unwrap_or_default();
            by_service.entry(service).or_default().push(action);
        }
        for (service, actions) in by_service {
            let row = format!("permissions-management {service}");
            if !self.is_new_of(&row, power.id, "open") {
                continue;
            }
            let tags = self.open_tags();
            let mut family =
                Family::new(&actions).in_one_of(objects::tag_variants(self.scene, service, tags));
            if tags == Tags::Foreign {
                family = family.not_on(&objects::own_names(self.scene));
            }
            let Answer::Yes(witness) = self.ask_object(power, by, &family, service) else {
                continue;
            };
            let action = witness.as_ref().map_or_else(
                || service.to_owned(),
                |it| it.request.action.text.to_string(),
            );
            let made = vec![witness.map(|it| *it)];
            let resource = resource_of(made.first());
            let title = format!("changes who may use the object with `{action}`");
            let deed = Deed::OpenResource { resource };
            self.note(&row, &title, "W21", by, power, "open", made, &[], deed);
        }
    }

    /// Actions that manage permissions and of which nobody wrote what they do.
    fn generic_unmodelled(&mut self, by: NodeId, power: &Rc<Power>, actions: &[String]) {
        if self.mode == Mode::Must {
            return;
        }
        for action in actions.iter().take(MOST) {
            let row = format!("unmodelled {action}");
            if !self.is_new_of(&row, power.id, "open") {
                continue;
            }
            let family = Family::new(&[action])
                .not_on(&objects::own_names(self.scene))
                .in_one_of(objects::tag_variants(self.scene, "iam", Tags::Any));
            if let Answer::Yes(witness) = self.ask(power, by, &family) {
                let made = vec![witness.map(|it| *it)];
                let resource = resource_of(made.first());
                let deed = Deed::OpenResource { resource };
                let title = format!("uses `{action}`");
                self.note(&row, &title, "", by, power, "open", made, &[], deed);
                self.guess(&format!("unmodelled: {action}"));
            }
        }
    }
}

fn resource_of(made: Option<&Option<Witness>>) -> String {
    let resource = made
        .and_then(Option::as_ref)
        .and_then(|it| it.request.resource.as_deref());
    resource.unwrap_or("*").to_owned()
}
