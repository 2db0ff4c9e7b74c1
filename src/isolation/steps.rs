//! Which steps are allowed now: each row of the transitions, tried by everyone whom the actor acts
//! as, on every object that policies tell apart.

mod compute;
mod documents;
mod principals;
pub(super) mod tagged;

use std::collections::HashSet;
use std::rc::Rc;

use super::dedicated::trusts_account;
use super::family::{Condition, Family, default_key_policy};
use super::objects::{self, Tags};
use super::oracle::{Answer, Asker, Mode};
use super::scene::{Owner, Scene};
use super::state::{Deed, Event, FactId, Made, NodeId, Origin, Power, State};
use super::transition::{Effect, Generic, KeyRole, Row};
use crate::analyze::{Access, Witness};
use crate::evaluate::{Policies, Settings};
use crate::policy::{Document, Effect as StatementEffect};

/// AWS managed policies that let their holder become administrator.
pub(super) const ADMINISTRATOR: [&str; 2] = ["AdministratorAccess", "IAMFullAccess"];

/// Looks for steps.
pub(super) struct Stepper<'s, 'o, 'i> {
    pub(super) scene: &'s Scene<'s>,
    pub(super) asker: &'o mut Asker<'i>,
    pub(super) mode: Mode,
    pub(super) state: State<'s>,
    /// Rows and targets that were found allowed before, by whomever.
    pub(super) fired: HashSet<(String, String)>,
    /// What was tried with the same power.
    tried: HashSet<(u64, String)>,
    pub(super) events: Vec<Event>,
    settings: Settings,
    /// Whether some rows could not be read.
    pub(super) is_broken: bool,
}

/// A row as it is tried: by whom, with which power.
#[derive(Clone)]
pub(super) struct Turn<'r> {
    pub(super) row: &'r Row,
    pub(super) by: NodeId,
    pub(super) power: Rc<Power>,
}

impl<'s, 'o, 'i> Stepper<'s, 'o, 'i> {
    pub(super) fn new(scene: &'s Scene<'s>, asker: &'o mut Asker<'i>, mode: Mode) -> Self {
        Self {
            scene,
            asker,
            mode,
            state: State::new(scene),
            fired: HashSet::new(),
            tried: HashSet::new(),
            events: Vec::new(),
            settings: Settings::default(),
            is_broken: false,
        }
    }

    /// Tries every row once for everyone whom the actor acts as.
    pub(super) fn round(&mut self) -> Vec<Event> {
        for by in 0..self.state.nodes.len() {
            let node = &self.state.nodes[by];
            // Who is administrator anyway needs no further step.
            if node.acts.is_none() || node.origin == Origin::Foreign {
                continue;
            }
            let power = self.state.power(by);
            let named = self.named(&power);
            for row in named.steps.iter().copied() {
                if self.mode == Mode::Must && row.upper_bound {
                    continue;
                }
                self.try_row(&Turn {
                    row,
                    by,
                    power: Rc::clone(&power),
                });
            }
            self.try_generic(by, &power, &named);
        }
        std::mem::take(&mut self.events)
    }

    /// The steps that an Allow of the caller names.
    pub(super) fn named(&mut self, power: &Power) -> Rc<Named> {
        if let Some(known) = self.scene.named.borrow().get(&power.id) {
            return Rc::clone(known);
        }
        let named = Rc::new(Named::new(self.scene, &power.policies));
        // Rows that cannot be read might be steps.
        self.is_broken |= named.is_broken;
        let mut all = self.scene.named.borrow_mut();
        all.insert(power.id, Rc::clone(&named));
        named
    }

    fn try_row(&mut self, turn: &Turn<'_>) {
        match turn.row.effect {
            Effect::AllowAny
            | Effect::AllowDocument
            | Effect::DropDeny
            | Effect::BoundaryValue
            | Effect::BoundaryNone
            | Effect::BoundaryAny
            | Effect::CreatePrincipal
            | Effect::TrustAny
            | Effect::Assume
            | Effect::Credential => self.try_identity(turn),
            Effect::RunAs => self.try_run_as(turn),
            Effect::Hijack => self.try_hijack(turn),
            Effect::ResourcePolicyAny => self.try_open_resource(turn),
            Effect::Organization => self.try_organization(turn),
            // What tags are worth is `tagging`'s to find out.
            Effect::Tag | Effect::Untag => {}
        }
    }

    /// Asks whether a request of the family is allowed to somebody.
    pub(super) fn ask(&mut self, power: &Power, by: NodeId, family: &Family) -> Answer {
        let access = Access {
            policies: &power.policies,
            principal: &self.state.nodes[by].principal,
            resource_account: Some(&self.scene.account),
            settings: &self.settings,
        };
        self.asker
            .allowed(self.mode, self.scene, family, power.id, &access)
    }

    /// Asks with a policy of the resource: a trust policy, a key policy.
    pub(super) fn ask_with(
        &mut self,
        power: &Power,
        by: NodeId,
        family: &Family,
        resource: Document,
        name: u64,
    ) -> Answer {
        let policies = Policies {
            resource: Some(resource),
            ..power.policies.clone()
        };
        let access = Access {
            policies: &policies,
            principal: &self.state.nodes[by].principal,
            resource_account: Some(&self.scene.account),
            settings: &self.settings,
        };
        let power = power.id.wrapping_mul(31).wrapping_add(name);
        self.asker
            .allowed(self.mode, self.scene, family, power, &access)
    }

    /// Asks with the policy that resources of the service always have.
    pub(super) fn ask_object(
        &mut self,
        power: &Power,
        by: NodeId,
        family: &Family,
        service: &str,
    ) -> Answer {
        if service == "kms" {
            let policy = default_key_policy(&self.scene.partition, &self.scene.account);
            return self.ask_with(power, by, family, policy, 2);
        }
        self.ask(power, by, family)
    }

    /// Whether this was not tried yet with this power, nor found before.
    pub(super) fn is_new(&mut self, turn: &Turn<'_>, target: &str) -> bool {
        self.is_new_of(&turn.row.id, turn.power.id, target)
    }

    pub(super) fn is_new_of(&mut self, row: &str, power: u64, target: &str) -> bool {
        if self.fired.contains(&(row.to_owned(), target.to_owned())) {
            return false;
        }
        self.tried.insert((power, format!("{row} {target}")))
    }

    /// Notes a step that is allowed.
    pub(super) fn found(
        &mut self,
        turn: &Turn<'_>,
        target: &str,
        made: Vec<Option<Witness>>,
        more: &[FactId],
        deed: Deed,
    ) {
        let row = turn.row;
        let class = row.class.first().cloned().unwrap_or_default();
        self.note(
            &row.id,
            &row.title,
            &class,
            turn.by,
            &turn.power,
            target,
            made,
            more,
            deed,
        );
        if row.upper_bound
            && let Some(event) = self.events.last_mut()
        {
            event.guess = Some(format!("{}: {}", row.id, row.title));
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a step has as many parts")]
    pub(super) fn note(
        &mut self,
        row: &str,
        title: &str,
        class: &str,
        by: NodeId,
        power: &Power,
        target: &str,
        made: Vec<Option<Witness>>,
        more: &[FactId],
        deed: Deed,
    ) {
        self.fired.insert((row.to_owned(), target.to_owned()));
        let mut premises = power.premises.clone();
        premises.extend(more.iter().copied().filter(|fact| *fact != 0));
        premises.sort_unstable();
        premises.dedup();
        let guess = made
            .iter()
            .any(Option::is_none)
            .then(|| format!("{row}: no request shows it"));
        let made = made.into_iter().flatten().map(|it| Made {
            request: it.request,
        });
        self.events.push(Event {
            row: row.to_owned(),
            title: title.to_owned(),
            class: class.to_owned(),
            by,
            made: made.collect(),
            deed,
            premises,
            guess,
        });
    }

    /// Marks the last step as resting on something that nobody said.
    pub(super) fn guess(&mut self, why: &str) {
        if let Some(event) = self.events.last_mut() {
            event.guess = Some(why.to_owned());
        }
    }

    /// The context of a call on a principal: its boundary and tags.
    pub(super) fn target_conditions(&self, row: &Row, target: NodeId) -> Vec<Condition> {
        let node = &self.state.nodes[target];
        let mut conditions = Vec::new();
        for (key, role) in &row.condition_keys {
            if *role == KeyRole::OfTarget {
                match node.boundary {
                    // It may have it, or not any more.
                    _ if self.mode == Mode::May && node.unbounded.is_some() => {}
                    Some(at) => {
                        let arn = &self.scene.boundaries[at].arn;
                        conditions.push(Condition::is(key, &[arn]));
                    }
                    None => conditions.push(Condition::absent(key)),
                }
            }
        }
        for (tag, value) in &node.tags {
            for key in objects::resource_tag_keys(self.scene.input.catalog, "iam", tag) {
                conditions.push(Condition::new("StringEqualsIfExists", &key, &[value]));
            }
        }
        conditions
    }

    /// The tags that an existing principal can have.
    pub(super) fn target_tags(&self, target: NodeId) -> Vec<Vec<Condition>> {
        let tags = match self.state.nodes[target].origin {
            Origin::Foreign => Tags::Foreign,
            Origin::Actor | Origin::Named | Origin::Created => Tags::Any,
        };
        // What is the vendor's by its name need not be marked too.
        let by_name = !self.scene.own.is_empty() && self.scene.input.tags.is_empty();
        if by_name {
            return Vec::new();
        }
        objects::tag_variants(self.scene, "iam", tags)
    }

    /// The trust policy of a role that nobody showed: it trusts its account.
    pub(super) fn account_trust(&self) -> Document {
        trusts_account(&self.scene.partition, &self.scene.account)
    }

    /// Policies that allow everything, or may: AWS's, those of the actor's making, and others of the
    /// account.
    pub(super) fn strong_policies(&self) -> Vec<(String, Option<FactId>)> {
        let partition = &self.scene.partition;
        let aws = ADMINISTRATOR
            .iter()
            .map(|name| (format!("arn:{partition}:iam::aws:policy/{name}"), None));
        let open = self.state.open_policies.iter();
        let open = open.map(|(arn, fact)| (arn.clone(), Some(*fact)));
        let others = self.scene.policies.iter();
        let others = others
            .filter(|it| it.owner == Owner::Foreign && !self.scene.input.dedicated_account)
            .filter(|it| !self.state.open_policies.contains_key(&it.arn))
            .map(|it| (it.arn.clone(), None));
        aws.chain(others).chain(open).collect()
    }
}

/// Steps by what a caller's documents name: rows, and actions that fall under a generic rule.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Rows of which the first action is named.
    pub(super) rows: Vec<&'static Row>,
    /// Rows of which every action is named that the step cannot do without.
    steps: Vec<&'static Row>,
    pub(super) generic: Vec<(String, &'static Generic)>,
    is_broken: bool,
}

impl Named {
    fn new(scene: &Scene<'_>, policies: &Policies) -> Self {
        // Roles are assumed by whom their trust policy admits, so there nothing need be named.
        let wanted = |actions: &[Box<str>]| {
            let main = actions.first().map_or("", |it| &**it);
            main == "sts:assumerole" || names(policies, main)
        };
        let rows = scene.transitions.rows(wanted);
        let is_broken = rows.is_none();
        let rows = rows.unwrap_or_default();
        let can_be_made = |row: &&&Row| {
            let mut calls = row.calls.iter().filter(|it| !it.optional);
            row.effect == Effect::Assume || calls.all(|call| names(policies, &call.action))
        };
        let mut named = Self {
            is_broken,
            steps: rows.iter().filter(can_be_made).copied().collect(),
            rows,
            generic: Vec::new(),
        };
        let catalog = scene.input.catalog;
        let prefixes = services(policies)
            .unwrap_or_else(|| catalog.service_prefixes().map(str::to_owned).collect());
        for prefix in prefixes {
            let Some(service) = catalog.service(&prefix) else {
                continue;
            };
            for action in service.actions() {
                let Some(rule) = scene.transitions.generic_of(&prefix, action) else {
                    continue;
                };
                let name = format!("{prefix}:{}", action.name);
                if names(policies, &name) {
                    named.generic.push((name, rule));
                }
            }
        }
        named
    }
}

/// Whether some Allow of the caller names an action, by its identity policies and its boundary.
pub(super) fn names(policies: &Policies, action: &str) -> bool {
    let folded = action.to_ascii_lowercase();
    let named = |documents: &[Document]| {
        let statements = documents.iter().flat_map(|it| &it.statements);
        let mut allows = statements.filter(|it| it.effect == StatementEffect::Allow);
        allows.any(|statement| {
            let element = &statement.action;
            let mut patterns = element.patterns.iter();
            patterns.any(|it| it.matches(action, &folded)) != element.negated
        })
    };
    named(&policies.identity)
        && policies.boundary.as_deref().is_none_or(named)
        && policies.session.as_deref().is_none_or(named)
}

/// Returns the prefixes of the services that Allows name; `None`: any service.
pub(super) fn services(policies: &Policies) -> Option<Vec<String>> {
    let of = |documents: &[Document]| {
        let mut found: Vec<String> = Vec::new();
        for statement in documents.iter().flat_map(|it| &it.statements) {
            if statement.effect != StatementEffect::Allow {
                continue;
            }
            if statement.action.negated {
                return None;
            }
            for pattern in &statement.action.patterns {
                let (service, _) = pattern.text.split_once(':')?;
                if service.contains(['*', '?']) {
                    return None;
                }
                let service = service.to_ascii_lowercase();
                if !found.contains(&service) {
                    found.push(service);
                }
            }
        }
        Some(found)
    };
    match (of(&policies.identity), policies.boundary.as_deref().map(of)) {
        (Some(own), _) => Some(own),
        (None, Some(Some(bounded))) => Some(bounded),
        (None, _) => None,
    }
}
