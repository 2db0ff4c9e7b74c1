//! What a step, or all of them together, is worth: more than the ceiling, a guard changed, somebody
//! else's object opened, what must not be reached.

use std::rc::Rc;

use super::ceiling::Ceiling;
use super::replay::{Done, Model};
use super::state::{Deed, Event, FactId, GIVEN, Node, Origin, State};
use super::{joint, plausible};
use crate::evaluate::Request;

/// What is gained.
#[derive(Clone, Debug)]
pub(super) enum Goal {
    /// The actor acts as a principal above the ceiling.
    Power { arn: String },
    /// Something that its own limits rest on is changed.
    Guard { what: String },
    /// Somebody else's object is opened.
    Opened { resource: String },
    /// The organization's policies no longer bind.
    Organization,
    /// A request is allowed that must not be.
    Reach {
        id: String,
        class: String,
        title: String,
        request: Box<Request>,
        /// A statement that would deny it as the documents meant to.
        guard: Option<Box<serde_json::Value>>,
    },
}

impl Goal {
    /// Names the gain, apart from how it comes about.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Power { .. } => "power".into(),
            Self::Guard { what } => format!("guard {what}"),
            Self::Opened { .. } => "opened".into(),
            Self::Organization => "organization".into(),
            Self::Reach { id, .. } => format!("reach {id}"),
        }
    }
}

/// A gain with the way to it.
#[derive(Clone, Debug)]
pub(super) struct Gain {
    pub(super) goal: Goal,
    /// Who makes the last request.
    pub(super) by: String,
    /// The step that tells this way from others.
    pub(super) cause: Option<Rc<Event>>,
    /// All steps in order.
    pub(super) path: Vec<Rc<Event>>,
}

impl Gain {
    /// Names the way out, for two of one name are one cause.
    pub(super) fn name(&self) -> String {
        let row = self.cause.as_ref().map_or("", |it| it.row.as_str());
        format!("{} by {row}", self.goal.name())
    }
}

/// Returns every gain that steps are worth.
pub(super) fn gains(state: &State<'_>, events: &[Rc<Event>], ceiling: &Ceiling) -> Vec<Gain> {
    let mut found: Vec<Gain> = Vec::new();
    for event in events {
        let leads_out = matches!(
            event.deed,
            Deed::LeaveOrganization | Deed::OpenResource { .. }
        );
        if state.scene.input.dedicated_account && !leads_out {
            continue;
        }
        for worth in worths(state, event) {
            if matches!(worth.goal, Goal::Power { .. }) && ceiling.is_everything {
                continue;
            }
            found.push(with_path(state, events, event, worth));
        }
    }
    found
}

/// What one step is worth.
struct Worth {
    goal: Goal,
    /// Facts that are needed besides.
    facts: Vec<FactId>,
    /// The step that is the cause, where it is another one.
    cause: Option<FactId>,
}

impl Worth {
    fn guard(what: &str) -> Self {
        Self {
            goal: Goal::Guard { what: what.into() },
            facts: Vec::new(),
            cause: None,
        }
    }

    fn power(node: &Node, facts: Vec<FactId>, cause: Option<FactId>) -> Self {
        let arn = node.arn.clone();
        Self {
            goal: Goal::Power { arn },
            facts,
            cause,
        }
    }
}

fn of<'n>(state: &'n State<'_>, arn: &'n str) -> impl Iterator<Item = &'n Node> {
    state.nodes.iter().filter(move |it| it.arn == arn)
}

fn worths(state: &State<'_>, event: &Rc<Event>) -> Vec<Worth> {
    let scene = state.scene;
    let actor = &state.nodes[0];
    match &event.deed {
        Deed::PutPolicy { to } | Deed::Attach { to, .. } | Deed::JoinGroup { user: to, .. } => {
            if *to == actor.arn {
                return own_power(state);
            }
            of(state, to)
                .filter(|it| it.origin == Origin::Named)
                .filter_map(|node| Some(Worth::power(node, vec![node.acts?], None)))
                .collect()
        }
        Deed::WritePolicy { policy } => {
            if scene.held.iter().any(|it| it.arn == *policy) {
                return own_power(state);
            }
            let mut found = Vec::new();
            if let Some(at) = scene.boundaries.iter().position(|it| it.arn == *policy) {
                found.push(Worth::guard("the permissions boundary"));
                found.extend(unbounded(state, |node| node.boundary == Some(at)));
            }
            found
        }
        Deed::DropDocument { .. } => vec![Worth::guard("a policy that denies it something")],
        Deed::SetBoundary { of: arn, policy } => {
            let mut found = Vec::new();
            if *arn == actor.arn {
                found.push(Worth::guard("its own permissions boundary"));
            }
            if !scene.boundaries.iter().any(|it| it.arn == *policy) {
                found.extend(unbounded(state, |node| node.arn == *arn));
            }
            found
        }
        Deed::RemoveBoundary { of: arn } => {
            let mut found = Vec::new();
            if *arn == actor.arn {
                found.push(Worth::guard("its own permissions boundary"));
            }
            found.extend(unbounded(state, |node| node.arn == *arn));
            found
        }
        Deed::Create { arn, boundary, .. } => {
            let mut boundaries = scene.boundaries.iter();
            if boundaries.any(|it| Some(&it.arn) == boundary.as_ref()) {
                return Vec::new();
            }
            of(state, arn)
                .filter(|it| it.origin == Origin::Created && it.boundary.is_none())
                .filter_map(|node| Some(Worth::power(node, vec![node.acts?, node.any?], None)))
                .collect()
        }
        Deed::OpenTrust { of: arn } if *arn == actor.arn => {
            vec![Worth::guard("its own trust policy")]
        }
        Deed::OpenTrust { of: arn } => of(state, arn)
            .filter(|it| it.is_total() && it.origin != Origin::Created)
            .filter_map(|node| {
                let facts = vec![node.through?, node.any.unwrap_or(GIVEN)];
                Some(Worth::power(node, facts, None))
            })
            .collect(),
        Deed::Become { arn } => of(state, arn)
            .filter(|it| it.is_total() && it.origin != Origin::Created)
            // Through another trust policy: writing that is the cause.
            .filter(|it| it.trust.is_none_or(|fact| !event.premises.contains(&fact)))
            .map(|node| Worth::power(node, node.any.into_iter().collect(), node.any))
            .collect(),
        Deed::OpenResource { resource } => {
            let resource = resource.clone();
            let goal = Goal::Opened { resource };
            vec![Worth {
                goal,
                facts: Vec::new(),
                cause: None,
            }]
        }
        Deed::LeaveOrganization => vec![Worth {
            goal: Goal::Organization,
            facts: Vec::new(),
            cause: None,
        }],
        Deed::OpenGroup { .. } | Deed::Tag { .. } | Deed::Untag { .. } => Vec::new(),
    }
}

/// The actor writes its own policies: as much as its boundary lets through, or everything.
fn own_power(state: &State<'_>) -> Vec<Worth> {
    let actor = &state.nodes[0];
    let mut found = Vec::new();
    if actor.boundary.is_some() || state.scene.input.policies.session.is_some() {
        found.push(Worth::guard("its own policies"));
    }
    if actor.boundary.is_none() || actor.unbounded.is_some() {
        let facts = actor.unbounded.into_iter().collect();
        // Below a boundary it is the loss of the boundary that goes beyond the ceiling.
        found.push(Worth::power(actor, facts, actor.unbounded));
    }
    found
}

/// Whoever lost its boundary and has everything else.
fn unbounded(state: &State<'_>, lost: impl Fn(&Node) -> bool) -> Vec<Worth> {
    let nodes = state.nodes.iter().filter(|it| lost(it));
    nodes
        .filter_map(|node| Some(Worth::power(node, vec![node.acts?, node.any?], None)))
        .collect()
}

fn with_path(state: &State<'_>, events: &[Rc<Event>], event: &Rc<Event>, worth: Worth) -> Gain {
    let mut all: Vec<FactId> = event.premises.clone();
    all.extend(worth.facts.iter().copied().filter(|fact| *fact != GIVEN));
    let mut path = state.unfold(&all);
    if !path.iter().any(|it| Rc::ptr_eq(it, event)) {
        path.push(Rc::clone(event));
    }
    // Steps were found in an order in which they can be made.
    let place = |it: &Rc<Event>| events.iter().position(|known| Rc::ptr_eq(known, it));
    let last = |it: &Rc<Event>| match (&worth.goal, &it.deed) {
        (Goal::Power { arn }, Deed::Become { arn: becomes }) => arn == becomes,
        _ => false,
    };
    path.sort_by_key(|it| (last(it), place(it)));
    let by = match &worth.goal {
        Goal::Power { arn } => arn.clone(),
        _ => state.nodes[event.by].arn.clone(),
    };
    let other = worth.cause.and_then(|fact| state.facts[fact].event.clone());
    Gain {
        goal: worth.goal,
        by,
        cause: Some(other.unwrap_or_else(|| Rc::clone(event))),
        path,
    }
}

/// A way that was made, request by request.
pub(super) struct Proven {
    /// For each step what was requested.
    pub(super) steps: Vec<(Rc<Event>, Vec<Done>)>,
    /// The request that shows the gain, where the last step is not itself the gain.
    pub(super) last: Option<Done>,
}

/// Makes the requests of a way; `None`: one is denied, or nothing is gained in the end.
pub(super) fn prove(state: &State<'_>, gain: &Gain, ceiling: &Ceiling) -> Option<Proven> {
    attempt(state, gain, &gain.path, ceiling).or_else(|| {
        // What asks for the boundary must come before the boundary goes.
        let mut path = gain.path.clone();
        path.sort_by_key(|it| {
            matches!(
                it.deed,
                Deed::RemoveBoundary { .. } | Deed::SetBoundary { .. }
            )
        });
        attempt(state, gain, &path, ceiling)
    })
}

/// Leaves out whatever a way does not need.
pub(super) fn shorten(state: &State<'_>, gain: &Gain, proven: Proven, ceiling: &Ceiling) -> Proven {
    let mut best = proven;
    let mut at = best.steps.len();
    while at > 0 {
        at -= 1;
        let path: Vec<Rc<Event>> = best.steps.iter().map(|(it, _)| Rc::clone(it)).collect();
        let cause = gain.cause.as_ref();
        if cause.is_some_and(|cause| Rc::ptr_eq(cause, &path[at])) {
            continue;
        }
        let mut shorter = path;
        shorter.remove(at);
        if let Some(proven) = attempt(state, gain, &shorter, ceiling) {
            best = proven;
        }
    }
    best
}

fn attempt(
    state: &State<'_>,
    gain: &Gain,
    path: &[Rc<Event>],
    ceiling: &Ceiling,
) -> Option<Proven> {
    let mut model = Model::new(state);
    let mut steps = Vec::new();
    for event in path {
        if event.guess.is_some() || event.made.is_empty() {
            return None;
        }
        let by = &state.nodes[event.by].arn;
        let mut done = Vec::new();
        let requests: Vec<&Request> = event.made.iter().map(|it| &it.request).collect();
        for (at, request) in requests.iter().enumerate() {
            if !plausible::is_named_right(state.scene, request) {
                return None;
            }
            let mut request = (*request).clone();
            for (key, values) in joint::shared(&requests, at)? {
                let values = values.into_iter().map(Into::into).collect();
                request.context.set(&key, values, false);
            }
            done.push(model.make(by, &request)?);
        }
        model.apply(&event.deed);
        steps.push((Rc::clone(event), done));
    }
    let last = reached(&mut model, gain, ceiling)?;
    Some(Proven { steps, last })
}

/// Whether the account is now as the gain says; with the request that shows it.
#[expect(
    clippy::option_option,
    reason = "no gain, a gain without a further request, a gain with one"
)]
fn reached(model: &mut Model<'_>, gain: &Gain, ceiling: &Ceiling) -> Option<Option<Done>> {
    match &gain.goal {
        Goal::Power { arn } => {
            if !model.acts_as(arn) {
                return None;
            }
            let mut above = ceiling.above.iter();
            above.find_map(|it| model.make(arn, it)).map(Some)
        }
        Goal::Reach { request, .. } => model.make(&gain.by, request).map(Some),
        Goal::Guard { .. } | Goal::Opened { .. } | Goal::Organization => Some(None),
    }
}
