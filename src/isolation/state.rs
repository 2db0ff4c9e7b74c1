//! What the actor has got so far: who it acts as, what they may do, and by which steps.
//!
//! Everything only grows. A fact keeps the step that made it and the facts which that step used, so
//! that every fact unfolds into the requests that lead to it.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use super::family::everything;
use super::scene::{Owner, Scene, caller_of};
use crate::evaluate::{Policies, Principal, Request};
use crate::policy::{Document, Effect};

pub(super) type FactId = usize;
pub(super) type NodeId = usize;

/// The fact that is there from the start.
pub(super) const GIVEN: FactId = 0;

/// What a step does to the account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Deed {
    /// Writes an inline policy of its choice.
    PutPolicy { to: String },
    /// Attaches a managed policy that allows everything.
    Attach { to: String, policy: String },
    /// Gives a managed policy a content of its choice; creates it where there is none.
    WritePolicy { policy: String },
    /// Gives a group policies of its choice.
    OpenGroup { group: String },
    /// Puts a user into a group with everything.
    JoinGroup { user: String, group: String },
    /// Takes a document with a Deny away.
    DropDocument { at: usize },
    /// Sets another boundary.
    SetBoundary { of: String, policy: String },
    /// Takes the boundary away.
    RemoveBoundary { of: String },
    /// Creates a role or user.
    Create {
        arn: String,
        boundary: Option<String>,
        tags: Vec<(String, String)>,
    },
    /// Writes the trust policy, or the provider that it names.
    OpenTrust { of: String },
    /// Acts as a principal from now on.
    Become { arn: String },
    /// Sets tags of a resource.
    Tag {
        resource: String,
        tags: Vec<(String, String)>,
    },
    /// Removes tags of a resource.
    Untag { resource: String, keys: Vec<String> },
    /// Opens a resource to everyone.
    OpenResource { resource: String },
    /// Rids the account of its organization's policies.
    LeaveOrganization,
}

/// Where a principal comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Origin {
    Actor,
    Created,
    Foreign,
    Named,
}

/// A role or user.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) arn: String,
    pub(super) principal: Principal,
    pub(super) origin: Origin,
    /// Which known boundary it has.
    pub(super) boundary: Option<usize>,
    /// Whether it has the tags of the vendor's objects.
    pub(super) tags: Vec<(String, String)>,
    /// The fact of its existence.
    pub(super) exists: FactId,
    /// The actor acts as it.
    pub(super) acts: Option<FactId>,
    /// Documents of the actor's choice allow for it.
    pub(super) any: Option<FactId>,
    /// It may have no boundary.
    pub(super) unbounded: Option<FactId>,
    /// Identity documents whose Deny may be gone.
    pub(super) dropped: BTreeMap<usize, FactId>,
    /// Its trust policy is of the actor's choice.
    pub(super) trust: Option<FactId>,
    /// The actor acts as it through that trust policy.
    pub(super) through: Option<FactId>,
}

impl Node {
    pub(super) fn is_role(&self) -> bool {
        self.arn.contains(":role/")
    }

    pub(super) fn kind(&self) -> &'static str {
        if self.is_role() { "role" } else { "user" }
    }

    /// Whether nothing limits it but policies of the organization.
    pub(super) fn is_total(&self) -> bool {
        let bounded = self.boundary.is_some() && self.unbounded.is_none();
        self.origin == Origin::Foreign || self.any.is_some() && !bounded
    }

    /// Documents without their Deny, as far as they count for the search.
    fn lost(&self) -> impl Iterator<Item = (&usize, &FactId)> {
        self.dropped.iter().filter(|_| !self.is_total())
    }

    /// Documents of the actor's choice, and the loss of the boundary, as far as they count for the
    /// search. Who has both is administrator and has nothing left to search for: other ways are
    /// found with what it had before.
    fn reach(&self) -> (Option<FactId>, Option<FactId>) {
        match (self.is_total(), self.boundary) {
            (true, Some(_)) => (self.any, None),
            (true, None) => (None, None),
            _ => (self.any, self.unbounded),
        }
    }
}

/// A request that a step makes.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) request: Request,
}

/// A step that was found to be allowed.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// The row, or the generic rule.
    pub(super) row: String,
    pub(super) title: String,
    pub(super) class: String,
    pub(super) by: NodeId,
    /// In the order in which they are made; empty where the engine gave no example.
    pub(super) made: Vec<Made>,
    pub(super) deed: Deed,
    pub(super) premises: Vec<FactId>,
    /// Whether it rests on a guess: it then counts for "isolated" only.
    pub(super) guess: Option<String>,
}

/// Where a fact comes from.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) event: Option<Rc<Event>>,
}

/// Policies of one principal, ready for questions.
pub(super) struct Power {
    /// Names these policies.
    pub(super) id: u64,
    pub(super) policies: Policies,
    /// The facts that it rests on.
    pub(super) premises: Vec<FactId>,
}

/// Everything so far.
pub(super) struct State<'s> {
    pub(super) scene: &'s Scene<'s>,
    pub(super) nodes: Vec<Node>,
    pub(super) facts: Vec<Fact>,
    /// Managed policies whose content is of the actor's choice.
    pub(super) open_policies: BTreeMap<String, FactId>,
    pub(super) open_groups: BTreeMap<String, FactId>,
    pub(super) no_organization: Option<FactId>,
    powers: HashMap<u64, Rc<Power>>,
}

impl<'s> State<'s> {
    pub(super) fn new(scene: &'s Scene<'s>) -> Self {
        let mut state = Self {
            scene,
            nodes: Vec::new(),
            facts: vec![Fact { event: None }],
            open_policies: BTreeMap::new(),
            open_groups: BTreeMap::new(),
            no_organization: None,
            powers: HashMap::new(),
        };
        let bounded = scene.input.policies.boundary.is_some();
        state.add(
            &scene.actor,
            Origin::Actor,
            bounded.then_some(0),
            Vec::new(),
            GIVEN,
        );
        state.nodes[0].principal = scene.principal.clone();
        state.nodes[0].acts = Some(GIVEN);
        for object in scene.roles.iter().chain(&scene.users) {
            let origin = match object.owner {
                Owner::Foreign if !scene.input.dedicated_account => Origin::Foreign,
                Owner::Named => Origin::Named,
                _ => continue,
            };
            state.add(&object.arn, origin, None, Vec::new(), GIVEN);
        }
        state
    }

    pub(super) fn add(
        &mut self,
        arn: &str,
        origin: Origin,
        boundary: Option<usize>,
        tags: Vec<(String, String)>,
        exists: FactId,
    ) -> NodeId {
        self.nodes.push(Node {
            arn: arn.to_owned(),
            principal: caller_of(arn),
            origin,
            boundary,
            tags,
            exists,
            acts: None,
            any: None,
            unbounded: None,
            dropped: BTreeMap::new(),
            trust: None,
            through: None,
        });
        self.nodes.len() - 1
    }

    pub(super) fn fact(&mut self, event: &Rc<Event>) -> FactId {
        self.facts.push(Fact {
            event: Some(Rc::clone(event)),
        });
        self.facts.len() - 1
    }

    /// What a principal may do now.
    pub(super) fn power(&mut self, node: NodeId) -> Rc<Power> {
        let id = self.power_id(node);
        if let Some(power) = self.powers.get(&id) {
            return Rc::clone(power);
        }
        let power = Rc::new(Power {
            id,
            policies: self.policies(node),
            premises: self.premises(node),
        });
        self.powers.insert(id, Rc::clone(&power));
        power
    }

    /// What a principal may do now, where it was asked for before.
    pub(super) fn known_power(&self, node: NodeId) -> Option<&Power> {
        self.powers.get(&self.power_id(node)).map(|it| &**it)
    }

    fn power_id(&self, node: NodeId) -> u64 {
        let it = &self.nodes[node];
        let mut hasher = DefaultHasher::new();
        it.arn.hash(&mut hasher);
        it.origin.hash(&mut hasher);
        it.boundary.hash(&mut hasher);
        let (any, unbounded) = it.reach();
        (any.is_some(), unbounded.is_some()).hash(&mut hasher);
        it.lost()
            .map(|(at, _)| at)
            .collect::<Vec<_>>()
            .hash(&mut hasher);
        self.no_organization.is_some().hash(&mut hasher);
        hasher.finish()
    }

    fn premises(&self, node: NodeId) -> Vec<FactId> {
        let it = &self.nodes[node];
        let (any, unbounded) = it.reach();
        let mut all: Vec<FactId> = [it.acts, any, unbounded, self.no_organization]
            .into_iter()
            .flatten()
            .chain(it.lost().map(|(_, fact)| *fact))
            .filter(|fact| *fact != GIVEN)
            .collect();
        all.sort_unstable();
        all
    }

    fn policies(&self, node: NodeId) -> Policies {
        let it = &self.nodes[node];
        let given = self.scene.input.policies;
        let mut identity: Vec<Document> = Vec::new();
        if it.origin == Origin::Actor {
            for (at, document) in given.identity.iter().enumerate() {
                let mut document = document.clone();
                if it.lost().any(|(lost, _)| *lost == at) {
                    document.statements.retain(|it| it.effect == Effect::Allow);
                }
                identity.push(document);
            }
        }
        let (any, unbounded) = it.reach();
        if any.is_some() {
            identity.push(everything());
        }
        let boundary = it.boundary.filter(|_| unbounded.is_none());
        let boundary = boundary.map(|at| self.scene.boundaries[at].documents.clone());
        let scps = match self.no_organization {
            Some(_) => Vec::new(),
            None => given.scps.clone(),
        };
        Policies {
            identity,
            boundary,
            session: given.session.clone().filter(|_| it.origin == Origin::Actor),
            scps,
            rcps: given.rcps.clone(),
            resource: None,
            endpoint: given
                .endpoint
                .clone()
                .filter(|_| it.origin == Origin::Actor),
        }
    }

    /// Enters what a step changed; returns whether anything is new.
    pub(super) fn apply(&mut self, event: &Rc<Event>) -> bool {
        match &event.deed {
            Deed::PutPolicy { to } | Deed::Attach { to, .. } => self.grant(to, event),
            Deed::JoinGroup { user, .. } => self.grant(user, event),
            Deed::WritePolicy { policy } => self.write_policy(policy, event),
            Deed::OpenGroup { group } => {
                let known = self.open_groups.contains_key(group);
                if !known {
                    let fact = self.fact(event);
                    self.open_groups.insert(group.clone(), fact);
                }
                !known
            }
            Deed::DropDocument { at } => {
                let known = self.nodes[0].dropped.contains_key(at);
                if !known {
                    let fact = self.fact(event);
                    self.nodes[0].dropped.insert(*at, fact);
                }
                !known
            }
            // One known boundary for another: both are below the ceiling.
            Deed::SetBoundary { policy, .. } if self.is_boundary(policy) => false,
            Deed::SetBoundary { of, .. } | Deed::RemoveBoundary { of } => {
                let fact = self.fact(event);
                self.set(of, |node| &mut node.unbounded, fact)
            }
            Deed::Create {
                arn,
                boundary,
                tags,
            } => self.create(arn, boundary.as_deref(), tags, event),
            Deed::OpenTrust { of } => {
                let fact = self.fact(event);
                self.set(of, |node| &mut node.trust, fact)
            }
            Deed::Become { arn } => {
                let fact = self.fact(event);
                let opened =
                    |node: &Node| node.trust.is_some_and(|it| event.premises.contains(&it));
                if self.nodes.iter().any(|it| it.arn == *arn && opened(it)) {
                    self.set(arn, |node| &mut node.through, fact);
                }
                self.set(arn, |node| &mut node.acts, fact)
            }
            Deed::LeaveOrganization => {
                let known = self.no_organization.is_some();
                if !known {
                    self.no_organization = Some(self.fact(event));
                }
                !known
            }
            Deed::Tag { .. } | Deed::Untag { .. } | Deed::OpenResource { .. } => false,
        }
    }

    fn is_boundary(&self, arn: &str) -> bool {
        let is_open = self.open_policies.contains_key(arn);
        !is_open && self.scene.boundaries.iter().any(|it| it.arn == arn)
    }

    fn set(
        &mut self,
        arn: &str,
        place: impl Fn(&mut Node) -> &mut Option<FactId>,
        fact: FactId,
    ) -> bool {
        let mut changed = false;
        for node in self.nodes.iter_mut().filter(|it| it.arn == arn) {
            let place = place(node);
            if place.is_none() {
                *place = Some(fact);
                changed = true;
            }
        }
        changed
    }

    fn grant(&mut self, to: &str, event: &Rc<Event>) -> bool {
        let fact = self.fact(event);
        self.set(to, |node| &mut node.any, fact)
    }

    fn write_policy(&mut self, policy: &str, event: &Rc<Event>) -> bool {
        let mut changed = false;
        let fact = self.fact(event);
        let scene = self.scene;
        for (at, held) in scene.held.iter().enumerate() {
            if held.arn == *policy {
                changed |= self.set(&scene.actor, |node| &mut node.any, fact);
                let is_new = !self.nodes[0].dropped.contains_key(&at);
                if held.denies && is_new {
                    self.nodes[0].dropped.insert(at, fact);
                    changed = true;
                }
            }
        }
        for (at, boundary) in scene.boundaries.iter().enumerate() {
            if boundary.arn != *policy {
                continue;
            }
            let mut bounded: Vec<String> = Vec::new();
            let nodes = self.nodes.iter().filter(|it| it.boundary == Some(at));
            bounded.extend(nodes.map(|it| it.arn.clone()));
            for arn in bounded {
                changed |= self.set(&arn, |node| &mut node.unbounded, fact);
            }
        }
        if !self.open_policies.contains_key(policy) {
            self.open_policies.insert(policy.to_owned(), fact);
            changed = true;
        }
        changed
    }

    fn create(
        &mut self,
        arn: &str,
        boundary: Option<&str>,
        tags: &[(String, String)],
        event: &Rc<Event>,
    ) -> bool {
        let known = boundary.and_then(|arn| {
            let mut boundaries = self.scene.boundaries.iter();
            boundaries.position(|it| it.arn == arn)
        });
        let same =
            |it: &Node| it.arn == arn && it.origin == Origin::Created && it.boundary == known;
        if self.nodes.iter().any(same) {
            return false;
        }
        let fact = self.fact(event);
        let node = self.add(arn, Origin::Created, known, tags.to_vec(), fact);
        self.nodes[node].trust = Some(fact);
        true
    }

    /// Returns the steps that lead to some facts, each once, in an order in which they can be made.
    pub(super) fn unfold(&self, facts: &[FactId]) -> Vec<Rc<Event>> {
        let mut needed: Vec<FactId> = Vec::new();
        let mut open: Vec<FactId> = facts.to_vec();
        while let Some(fact) = open.pop() {
            if needed.contains(&fact) {
                continue;
            }
            needed.push(fact);
            if let Some(event) = &self.facts[fact].event {
                open.extend(&event.premises);
            }
        }
        // A fact only rests on facts that were there before it.
        needed.sort_unstable();
        let mut steps: Vec<Rc<Event>> = Vec::new();
        for fact in needed {
            if let Some(event) = &self.facts[fact].event
                && !steps.iter().any(|it| Rc::ptr_eq(it, event))
            {
                steps.push(Rc::clone(event));
            }
        }
        steps
    }
}
