//! Decides the calls of a requirement, each for its whole family, and sums them up.

use std::collections::BTreeSet;

use super::alike::are_alike;
use super::exact::{Settled, settle};
use super::family::Scope;
use super::reason::{self, Reason};
use super::request::{Asked, readings_of};
use super::stack::{Stack, is_assume_role};
use super::{Input, Judged, Verdict, fix};
use crate::analyze::{beside, looks_at_caller};
use crate::arn::Arn;
use crate::evaluate::{Action, Decision, Lookup, Principal, Request};
use crate::profile::{Actor, Call, CallResource, ContextValue, SettingError};

/// Decides calls against the given policies.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    input: &'a Input<'a>,
    stack: Stack<'a>,
    /// The actors with their principals.
    principals: Vec<(String, Principal)>,
    actors: Vec<String>,
    /// The roles of other actors: the given trust policy is not theirs.
    other_roles: Vec<String>,
}

/// What one call asks for on one of its resources, in one reading.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) resource: Option<usize>,
    pub(super) request: Request,
    pub(super) scope: Scope,
    /// Which policies of the stack decide.
    pub(super) policies: usize,
}

/// A call on one of its resources, or on a family of them, in one reading of what is not documented.
#[derive(Debug)]
pub(super) struct Decided {
    /// Of the made-up member, where it is a family.
    pub(super) request: Request,
    /// What differs from member to member.
    pub(super) scope: Scope,
    /// Which policies of the stack decided.
    pub(super) policies: usize,
    pub(super) settled: Settled,
    pub(super) resource: Option<usize>,
}

impl Decided {
    /// Returns the request that shows the verdict.
    pub(super) fn shown(&self) -> &Request {
        self.settled.shown.as_ref().unwrap_or(&self.request)
    }
}

/// What came of one call.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    /// Every request of the call.
    pub(super) requests: Vec<Decided>,
    /// A fact outside the policies on which the verdict depends.
    pub(super) depends_on: Option<&'static str>,
    /// Whether each request may be allowed, and all of them together never are.
    pub(super) contradicts: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(input: &'a Input<'a>) -> Result<Self, Vec<SettingError>> {
        let profile = input.profile;
        let actors = match input.settings.actors.as_slice() {
            [] => vec![profile.default_actor.clone()],
            named => named.to_vec(),
        };
        let mut principals = Vec::new();
        for actor in &profile.actors {
            let text = profile
                .principal(&actor.name, input.settings)?
                .unwrap_or_default();
            let given = input.principal.filter(|_| actors.contains(&actor.name));
            let principal = given.cloned().or_else(|| Principal::parse(&text));
            principals.push((
                actor.name.clone(),
                principal.unwrap_or(Principal::Anonymous),
            ));
        }
        let role_of = |actor: &Actor| -> Result<Option<String>, Vec<SettingError>> {
            let object = actor.object.as_ref().and_then(|it| profile.object(it));
            let arn = object.map(|it| profile.fill(&it.arn, input.settings));
            arn.transpose()
        };
        let (mut own_roles, mut other_roles) = (Vec::new(), Vec::new());
        for actor in &profile.actors {
            let roles = if actors.contains(&actor.name) {
                &mut own_roles
            } else {
                &mut other_roles
            };
            roles.extend(role_of(actor)?);
        }
        other_roles.retain(|it| !own_roles.contains(it));
        Ok(Self {
            input,
            stack: Stack::new(input),
            principals,
            actors,
            other_roles,
        })
    }

    /// Whether a call is of a judged actor, or is decided by the trust policy that was given.
    pub(super) fn judges(&self, call: &Call) -> bool {
        self.actors.contains(&call.actor)
            || self.input.trust.is_some() && is_assume_role(call) && !self.is_into_other(call)
    }

    fn is_into_other(&self, call: &Call) -> bool {
        let mut roles = call
            .resources
            .iter()
            .map(|it| it.family.as_ref().unwrap_or(&it.arn));
        roles.any(|role| self.other_roles.contains(role))
    }

    pub(super) fn assumptions(&self) -> Vec<String> {
        self.stack.assumptions.iter().cloned().collect()
    }

    /// Returns one result per requirement, in the order of the calls.
    pub(super) fn judge_all(&mut self, calls: Vec<Call>) -> Vec<Judged> {
        let mut judged: Vec<Judged> = group(calls)
            .into_iter()
            .map(|calls| self.judge(calls))
            .collect();
        settle_alternatives(&mut judged);
        judged
    }

    /// Returns the verdicts alone, one per requirement.
    pub(super) fn verdicts(&mut self, calls: Vec<Call>) -> Vec<Verdict> {
        let groups = group(calls);
        groups
            .iter()
            .map(|calls| sum_up(calls.iter().map(|it| self.decide(it).verdict)))
            .collect()
    }

    fn judge(&mut self, calls: Vec<Call>) -> Judged {
        let outcomes: Vec<Outcome> = calls.iter().map(|call| self.decide(call)).collect();
        let verdict = sum_up(outcomes.iter().map(|outcome| outcome.verdict));
        let allowed = outcomes
            .iter()
            .filter(|it| it.verdict == Verdict::Met)
            .count();
        let worst = |wanted: Verdict| outcomes.iter().position(|it| it.verdict == wanted);
        let shown = match verdict {
            Verdict::Unknown => worst(Verdict::Unknown),
            _ => worst(Verdict::NotMet).or_else(|| worst(Verdict::PartlyMet)),
        };
        let shown = shown.unwrap_or_default();
        let (reason, fix) = match verdict {
            Verdict::Met => (None, None),
            Verdict::Unknown => (reason::of(&outcomes[shown], &self.stack), None),
            _ => {
                let failing: Vec<(&Call, &Outcome)> = calls.iter().zip(&outcomes).collect();
                (
                    reason::of(&outcomes[shown], &self.stack),
                    fix::find(&failing, &self.stack, self.input.catalog),
                )
            }
        };
        Judged {
            resources: resources(&calls),
            call: calls[shown].clone(),
            verdict,
            decided: (outcomes.len(), allowed),
            reason,
            fix,
            met_by: None,
        }
    }

    fn principal(&self, call: &Call) -> Principal {
        let known = self.principals.iter().find(|(name, _)| *name == call.actor);
        known.map_or(Principal::Anonymous, |(_, principal)| principal.clone())
    }

    /// Decides one call on all its resources.
    fn decide(&mut self, call: &Call) -> Outcome {
        let Some(action) = Action::parse(&call.action) else {
            return Outcome {
                verdict: Verdict::Unknown,
                requests: Vec::new(),
                depends_on: None,
                contradicts: false,
            };
        };
        let mut requests = Vec::new();
        let mut verdicts = Vec::new();
        let mut depends_on = None;
        let all = self.requests(&action, call);
        for own in all.chunk_by(|a, b| a.resource == b.resource) {
            let mut readings = Vec::new();
            for part in own {
                let policies = self.stack.get(part.policies);
                let settled = settle(policies, self.input.catalog, &part.request, &part.scope);
                if settled.rests_on_facts {
                    self.stack.rests_on_facts();
                }
                readings.push(settled.verdict);
                requests.push(Decided {
                    request: part.request.clone(),
                    scope: part.scope.clone(),
                    policies: part.policies,
                    settled,
                    resource: part.resource,
                });
            }
            let first = readings.first().copied().unwrap_or(Verdict::Unknown);
            let fails = |it: &Verdict| matches!(it, Verdict::NotMet | Verdict::PartlyMet);
            verdicts.push(if readings.iter().all(|it| *it == first) {
                first
            } else if readings.iter().all(fails) {
                Verdict::PartlyMet
            } else {
                // Both readings were tried and differ: AWS documents it in general only.
                depends_on = Some("tag-on-create");
                Verdict::Unknown
            });
        }
        // A call goes through only if it may on every resource, so a denial decides it.
        let order = [Verdict::NotMet, Verdict::PartlyMet, Verdict::Unknown];
        let worst = order.into_iter().find(|it| verdicts.contains(it));
        let mut verdict = worst.unwrap_or(Verdict::Met);
        let contradicts =
            verdict == Verdict::Unknown && depends_on.is_none() && self.is_never(&requests);
        if contradicts {
            verdict = Verdict::NotMet;
        }
        let denied = |it: &Decided| it.settled.decision == Decision::ExplicitlyDenied;
        if self.input.unread && !requests.iter().any(denied) {
            // What was not read may allow it, or deny it.
            return Outcome {
                verdict: Verdict::Unknown,
                requests,
                depends_on: Some("unread-document"),
                contradicts: false,
            };
        }
        Outcome {
            verdict,
            requests,
            depends_on,
            contradicts,
        }
    }

    /// Returns the requests of one call: on each of its resources, in each reading of what is not
    /// documented.
    pub(super) fn requests(&mut self, action: &Action, call: &Call) -> Vec<Part> {
        let principal = self.principal(call);
        let mut requests = Vec::new();
        let slots: Vec<Option<usize>> = match call.resources.len() {
            0 => vec![None],
            count => (0..count).map(Some).collect(),
        };
        for slot in slots {
            let resource = slot.map(|at| &call.resources[at]);
            let policies = self.stack.select(call, resource, &principal);
            for filled in readings_of(resource).iter().copied() {
                let asked = Asked {
                    action,
                    call,
                    resource,
                    principal: &principal,
                    filled,
                };
                let request = asked.request(self.input.catalog);
                let scope = scope(call, resource, &request);
                requests.push(Part {
                    resource: slot,
                    request,
                    scope,
                    policies,
                });
            }
        }
        requests
    }

    /// Returns the policies of which [`Part::policies`] is the index.
    pub(super) const fn stack(&self) -> &Stack<'a> {
        &self.stack
    }

    /// Whether the requests of a call are never allowed together: each depends on the caller or on
    /// the connection, which are the same for all of them, and what they ask for is contradictory.
    fn is_never(&self, requests: &[Decided]) -> bool {
        let of = |it: &Decided| self.stack.get(it.policies);
        if requests.len() < 2 || !requests.iter().any(|it| looks_at_caller(of(it))) {
            return false;
        }
        // Of two readings of one resource only one is made.
        let slots: BTreeSet<Option<usize>> = requests.iter().map(|it| it.resource).collect();
        if slots.len() < requests.len() {
            return false;
        }
        let unknown = |it: &&Decided| it.settled.verdict == Verdict::Unknown;
        let Some(first) = requests.iter().find(unknown) else {
            return false;
        };
        let mut policies = of(first).clone();
        let others = requests.iter().filter(|it| it.resource != first.resource);
        for other in others {
            let exact =
                other.scope.is_single() || are_alike(of(other), &other.request, &other.scope);
            let levels = beside(of(other), &other.request, exact);
            policies.scps.extend(levels);
        }
        let settled = settle(&policies, self.input.catalog, &first.request, &first.scope);
        settled.verdict == Verdict::NotMet
    }
}

/// Returns what the members of a call differ in: the resource, and the values of context keys.
pub(super) fn scope(call: &Call, resource: Option<&CallResource>, request: &Request) -> Scope {
    let pattern = resource.and_then(|it| it.family.clone());
    let own = resource.map_or(&[][..], |it| &it.context);
    let mut context: Vec<(String, String)> = Vec::new();
    for (key, value) in call.context.iter().chain(own) {
        context.retain(|(known, _)| !known.eq_ignore_ascii_case(key));
        let folded = key.to_ascii_lowercase();
        if let ContextValue::Family { pattern, .. } = value
            && matches!(request.context.get(&folded, key), Lookup::Present(_))
        {
            context.push((key.clone(), pattern.clone()));
        }
    }
    // The region of a request follows from the resource where nothing else fixes it.
    const REGION: &str = "aws:RequestedRegion";
    let region = pattern.as_deref().and_then(Arn::parse).map(|it| it.region);
    let is_fixed = |it: &[(String, ContextValue)]| {
        let mut keys = it.iter().map(|(key, _)| key);
        keys.any(|key| key.eq_ignore_ascii_case(REGION))
    };
    if let Some(region) = region.filter(|it| it.contains('*'))
        && !is_fixed(&call.context)
        && !is_fixed(own)
    {
        context.push((REGION.to_owned(), region.to_owned()));
    }
    Scope {
        resource: pattern,
        context,
    }
}

/// Returns the verdict over all calls of a requirement.
fn sum_up(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let verdicts: Vec<Verdict> = verdicts.collect();
    let has = |wanted| verdicts.contains(&wanted);
    if has(Verdict::PartlyMet) {
        return Verdict::PartlyMet;
    }
    match (
        has(Verdict::Met),
        has(Verdict::NotMet),
        has(Verdict::Unknown),
    ) {
        (false, false, _) => Verdict::Unknown,
        (true, false, false) => Verdict::Met,
        (true, false, true) => Verdict::Unknown,
        (true, true, _) => Verdict::PartlyMet,
        (false, true, false) => Verdict::NotMet,
        (false, true, true) => Verdict::PartlyMet,
    }
}

fn resources(calls: &[Call]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for resource in calls.iter().flat_map(|call| &call.resources) {
        let name = resource.family.as_ref().unwrap_or(&resource.arn);
        if !all.contains(name) {
            all.push(name.clone());
        }
    }
    all
}

/// Calls of one id stand together in the order of the first.
fn group(calls: Vec<Call>) -> Vec<Vec<Call>> {
    let mut groups: Vec<Vec<Call>> = Vec::new();
    let mut places = rustc_hash::FxHashMap::default();
    for call in calls {
        let at = *places.entry(call.id.clone()).or_insert(groups.len());
        if at == groups.len() {
            groups.push(Vec::new());
        }
        groups[at].push(call);
    }
    groups
}

/// Of alternatives in one phase one is enough.
fn settle_alternatives(judged: &mut [Judged]) {
    let met: Vec<(String, String, String)> = judged
        .iter()
        .filter(|it| it.verdict == Verdict::Met && it.call.derived_from.is_none())
        .filter_map(|it| {
            let group = it.call.alternative.clone()?;
            Some((it.call.phase.clone(), group, it.call.id.clone()))
        })
        .collect();
    for one in judged.iter_mut().filter(|it| it.verdict != Verdict::Met) {
        let same = |(phase, group, _): &&(String, String, String)| {
            *phase == one.call.phase && Some(group) == one.call.alternative.as_ref()
        };
        if let Some((_, _, id)) = met.iter().find(same) {
            one.met_by = Some(id.clone());
            one.verdict = Verdict::Met;
            one.reason = None;
            one.fix = None;
        }
    }
}

/// Returns what decides an outcome: what is denied, else denied in part, else unknown.
pub(super) fn failing(outcome: &Outcome) -> Option<&Decided> {
    let order = [Verdict::NotMet, Verdict::PartlyMet, Verdict::Unknown];
    order.into_iter().find_map(|verdict| {
        let mut requests = outcome.requests.iter();
        requests.find(|it| it.settled.verdict == verdict)
    })
}

/// A reason that no policy tells.
pub(super) fn outside(outcome: &Outcome) -> Option<Reason> {
    outcome.depends_on.map(Reason::depends_on)
}
