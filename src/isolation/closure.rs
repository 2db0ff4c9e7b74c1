//! The search: round by round until nothing new comes, once with every open question counted as
//! denied, to show ways out, and once with it counted as allowed, to prove that there is none.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::ceiling::{self, Ceiling};
use super::escape::{self, Escape, GrantedBy};
use super::gain::{self, Gain, Goal, Proven};
use super::oracle::{Asker, Mode};
use super::replay::Done;
use super::scene::Scene;
use super::state::{Event, State};
use super::steps::Stepper;
use super::transition::{Effect, Transitions};
use super::{Input, Open, Report, Verdict, dedicated, reach, remedy, tagging, trust};

/// Rounds after which the search is given up. A round makes everything that one more step makes.
const MAX_ROUNDS: usize = 24;

/// What one search came to.
pub(super) struct Explored<'s> {
    pub(super) state: State<'s>,
    pub(super) gains: Vec<Gain>,
    /// Whether it ended by itself.
    pub(super) complete: bool,
}

pub(super) fn run(input: &Input<'_>) -> Report {
    let mut report = Report {
        verdict: Verdict::Unknown,
        actor: String::new(),
        ceiling: Vec::new(),
        invariants: Vec::new(),
        escapes: Vec::new(),
        open: Vec::new(),
        assumptions: Vec::new(),
        cannot_isolate: Vec::new(),
        questions: 0,
    };
    let Some(transitions) = Transitions::builtin() else {
        report.open.push(Open {
            reason: "transitions",
            detail: "the steps in this program cannot be read".into(),
        });
        return report;
    };
    let scene = Scene::new(input, transitions);
    report.actor = scene.actor.clone();
    report.ceiling = ceiling::describe(&scene);
    let cannot = transitions.cannot_isolate.iter();
    report.cannot_isolate = cannot.map(|it| it.title.clone()).collect();
    if let Some(open) = obstacle(input) {
        report.open.push(open);
        report.assumptions = scene.assumptions.iter().cloned().collect();
        return report;
    }
    let mut asker = Asker::new(input.oracle);
    let ceiling = Ceiling::new(&scene, &mut asker);
    let found = explore(&scene, &mut asker, Mode::Must, &ceiling);
    let (ways, unproven) = escapes(&found, &ceiling);
    let outsiders = trust::outsiders(&scene, &mut asker);
    let all = explore(&scene, &mut asker, Mode::May, &ceiling);
    for mut way in ways {
        if input.remedies {
            way.escape.remedy = remedy::find(&scene, &asker, &way);
        }
        report.escapes.push(way.escape);
    }
    report.escapes.extend(outsiders.escapes);
    report.escapes.sort_by_key(|escape| escape.steps.len());
    report.open = open(&all, &asker, unproven);
    report.open.extend(outsiders.open);
    report.open.extend(principal_tags(input));
    report.open.sort();
    report.open.dedup();
    report.verdict = match (report.escapes.is_empty(), report.open.is_empty()) {
        (false, _) => Verdict::Escapes,
        (true, true) => Verdict::Isolated,
        (true, false) => Verdict::Unknown,
    };
    if report.verdict == Verdict::Isolated {
        report.invariants = invariants(&scene);
    }
    report.assumptions = assumptions(&scene);
    report.questions = asker.asked;
    report
}

/// Why nothing can be said at all.
fn obstacle(input: &Input<'_>) -> Option<Open> {
    if input.unread {
        return Some(Open {
            reason: "unread",
            detail: "a document was not read: it may allow or deny anything".into(),
        });
    }
    let boundaries = input.workload_boundaries.iter().chain(input.trusts);
    let refused = input
        .policies
        .refusal()
        .or_else(|| boundaries.into_iter().find_map(|it| it.refusal()));
    refused.map(|problem| Open {
        reason: "document",
        detail: format!("AWS refuses a document: {}", problem.message),
    })
}

/// Searches until nothing new comes.
pub(super) fn explore<'s>(
    scene: &'s Scene<'s>,
    asker: &mut Asker<'_>,
    mode: Mode,
    ceiling: &Ceiling,
) -> Explored<'s> {
    let mut stepper = Stepper::new(scene, asker, mode);
    let mut events: Vec<Rc<Event>> = Vec::new();
    let mut complete = !scene.incomplete;
    for round in 0.. {
        let found = stepper.round();
        if found.is_empty() {
            break;
        }
        if round == MAX_ROUNDS {
            complete = false;
            break;
        }
        for event in found {
            let event = Rc::new(event);
            stepper.state.apply(&event);
            events.push(event);
        }
    }
    let mut gains = gain::gains(&stepper.state, &events, ceiling);
    if !scene.input.dedicated_account {
        gains.extend(tagging::gains(&mut stepper, &events));
        gains.extend(reach::reached(&mut stepper));
    } else {
        gains.extend(dedicated::ways_out(&mut stepper));
    }
    complete &= !stepper.is_broken;
    Explored {
        state: stepper.state,
        gains,
        complete,
    }
}

/// A way out on its way to the report.
pub(super) struct Way {
    pub(super) gain: Gain,
    pub(super) proven: Proven,
    pub(super) escape: Escape,
    /// The calls of which any does it.
    pub(super) calls: Vec<String>,
}

/// The call that makes the step that is the cause: for a passed role the passing.
fn main_call(gain: &Gain, proven: &Proven) -> Option<String> {
    let done = cause_calls(gain, proven);
    let passes = |it: &&Done| *it.request.action.folded == *"iam:passrole";
    let pass = done.iter().find(passes);
    let first = pass.or_else(|| done.first()).or(proven.last.as_ref());
    first.map(|it| it.request.action.text.to_string())
}

/// The requests of the step that is the cause.
pub(super) fn cause_calls<'p>(gain: &Gain, proven: &'p Proven) -> &'p [Done] {
    let cause = gain.cause.as_ref();
    let step = cause.and_then(|cause| {
        let mut steps = proven.steps.iter();
        steps.find(|(event, _)| event.row == cause.row && event.deed == cause.deed)
    });
    step.map(|(_, done)| done.as_slice()).unwrap_or_default()
}

/// What tells one cause from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Cause {
    pub(super) name: String,
    pub(super) granted: Option<GrantedBy>,
}

/// Ways out that were made request by request, one for each cause; and those that could not be made.
fn escapes(found: &Explored<'_>, ceiling: &Ceiling) -> (Vec<Way>, Vec<String>) {
    let mut order: Vec<Cause> = Vec::new();
    let mut best: HashMap<Cause, (Gain, Proven, Vec<String>)> = HashMap::new();
    let mut calls_of: HashMap<Cause, Vec<String>> = HashMap::new();
    let mut unproven = Vec::new();
    let mut proven_names = BTreeSet::new();
    for gain in &found.gains {
        let Some(proven) = gain::prove(&found.state, gain, ceiling) else {
            unproven.push(gain.name());
            continue;
        };
        proven_names.insert(gain.name());
        let cause = cause_of(found, gain, &proven);
        let length = |it: &Proven| it.steps.iter().map(|(_, done)| done.len()).sum::<usize>();
        let label = gain.cause.as_ref().map(|it| it.title.clone());
        let calls = calls_of.entry(cause.clone()).or_default();
        if let Some(action) = main_call(gain, &proven)
            && !calls.contains(&action)
        {
            calls.push(action);
        }
        match best.get_mut(&cause) {
            None => {
                order.push(cause.clone());
                best.insert(cause, (gain.clone(), proven, Vec::new()));
            }
            Some((known, shown, also)) => {
                let other = if length(&proven) < length(shown) {
                    let old = known.cause.as_ref().map(|it| it.title.clone());
                    *known = gain.clone();
                    *shown = proven;
                    old
                } else {
                    label
                };
                let shown = known.cause.as_ref().map(|it| it.title.clone());
                if let Some(other) = other
                    && Some(&other) != shown.as_ref()
                    && !also.contains(&other)
                {
                    also.push(other);
                }
            }
        }
    }
    unproven.retain(|name| !proven_names.contains(name));
    let mut ways: HashMap<Cause, (Gain, Proven, Vec<String>)> = HashMap::new();
    for (cause, (gain, proven, also)) in best {
        let proven = gain::shorten(&found.state, &gain, proven, ceiling);
        ways.insert(cause, (gain, proven, also));
    }
    let mut best = ways;
    let calls = |it: &Proven| -> BTreeSet<String> {
        let done = it.steps.iter().flat_map(|(_, done)| done);
        done.map(|it| {
            let resource = it.request.resource.as_deref().unwrap_or_default();
            format!("{} {resource}", it.request.action.folded)
        })
        .collect()
    };
    let powerful: Vec<(Cause, BTreeSet<String>)> = best
        .iter()
        .filter(|(_, (gain, _, _))| matches!(gain.goal, Goal::Power { .. }))
        .map(|(cause, (_, proven, _))| (cause.clone(), calls(proven)))
        .collect();
    // Whoever has become administrator on the way needs the rest of the way no more.
    order.retain(|cause| {
        let Some((gain, proven, _)) = best.get(cause) else {
            return false;
        };
        let own = calls(proven);
        let is_power = matches!(gain.goal, Goal::Power { .. });
        !powerful.iter().any(|(other, calls)| {
            let part = calls.is_subset(&own) && (calls.len() < own.len() || !is_power);
            other != cause && !calls.is_empty() && part
        })
    });
    // The same requests with a smaller gain tell nothing new.
    let mut shown: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    order.retain(|cause| {
        best.get(cause).is_some_and(|(gain, proven, _)| {
            let all = calls(proven);
            let is_reach = matches!(gain.goal, Goal::Reach { .. } | Goal::Opened { .. });
            all.is_empty() || is_reach || shown.insert(all)
        })
    });
    let mut escapes = Vec::new();
    for cause in order {
        if let Some((gain, proven, also)) = best.remove(&cause) {
            let mut escape = escape::describe(&found.state, &gain, &proven);
            escape.also = also;
            escapes.push(Way {
                calls: calls_of.remove(&cause).unwrap_or_default(),
                gain,
                proven,
                escape,
            });
        }
    }
    (escapes, unproven)
}

/// Passing a role is one cause whatever service takes it; everything else is by row.
fn cause_of(found: &Explored<'_>, gain: &Gain, proven: &Proven) -> Cause {
    let done = cause_calls(gain, proven);
    let passes = |it: &&Done| *it.request.action.folded == *"iam:passrole";
    let pass = done.iter().find(passes);
    let first = pass.or_else(|| done.first()).or(proven.last.as_ref());
    Cause {
        name: group_name(found.state.scene, gain),
        granted: first.and_then(escape::granted_by),
    }
}

/// Names a gain by its cause, whichever of several calls with one effect it is.
pub(super) fn group_name(scene: &Scene<'_>, gain: &Gain) -> String {
    let cause = gain.cause.as_ref();
    let row = cause.and_then(|it| scene.transitions.row(&it.row));
    let goal = gain.goal.name();
    match row.map(|it| it.effect) {
        _ if matches!(gain.goal, Goal::Opened { .. }) => goal,
        Some(Effect::RunAs) => format!("{goal} by passing a role"),
        Some(Effect::Hijack) => format!("{goal} by code"),
        Some(Effect::Credential) => format!("{goal} by credentials"),
        Some(Effect::BoundaryNone) => format!("{goal} without a boundary"),
        Some(Effect::BoundaryValue) => format!("{goal} with another boundary"),
        Some(Effect::CreatePrincipal) => format!("{goal} by creating a principal"),
        _ => gain.name(),
    }
}

/// What keeps the verdict open.
fn open(all: &Explored<'_>, asker: &Asker<'_>, unproven: Vec<String>) -> Vec<Open> {
    let mut open = Vec::new();
    if !all.complete {
        open.push(Open {
            reason: "budget",
            detail: "too many names to tell apart, or too many steps".into(),
        });
    }
    for name in unproven {
        open.push(Open {
            reason: "not-replayed",
            detail: name,
        });
    }
    for gain in &all.gains {
        let guess = gain.path.iter().find_map(|it| it.guess.clone());
        let (reason, detail) = match guess {
            Some(guess) => match guess.split_once("unmodelled: ") {
                Some((_, action)) => ("unmodelled", action.to_owned()),
                None => ("not-certain", guess),
            },
            None => ("not-certain", gain.name()),
        };
        open.push(Open { reason, detail });
    }
    if open.is_empty() {
        return open;
    }
    for doubt in &asker.doubts {
        open.push(Open {
            reason: "engine",
            detail: format!("{:?}: {}", doubt.reason, doubt.detail),
        });
    }
    open
}

fn invariants(scene: &Scene<'_>) -> Vec<String> {
    let input = scene.input;
    if input.dedicated_account {
        return vec!["no policy of the organization can be taken away".into()];
    }
    let mut proven = vec![
        "nobody whom the actor creates, becomes or runs code as can do more than the ceiling"
            .into(),
        "the permissions boundary, the guards and the actor's own policies cannot be changed"
            .into(),
    ];
    if !input.tags.is_empty() || !input.path_prefixes.is_empty() {
        proven.push(
            "what is not the vendor's by name or tag cannot be made so, nor be changed where its \
             type has tags"
                .into(),
        );
    }
    if !input.must_not.is_empty() {
        proven.push(format!(
            "none of the {} things that must not be possible is, now or after any step",
            input.must_not.len()
        ));
    }
    proven
}

fn assumptions(scene: &Scene<'_>) -> Vec<String> {
    let input = scene.input;
    let mut list: Vec<String> = scene.assumptions.iter().cloned().collect();
    if input.dedicated_account {
        list.push(
            "the account is the vendor's alone: only ways out of it count, and roles of other \
             accounts trust it"
                .into(),
        );
    } else {
        list.push(
            "F1: the account has roles and users of somebody else which may do everything, trusted \
             by the account, by every service and by every identity provider, and managed policies \
             and groups that allow everything"
                .into(),
        );
    }
    let named: Vec<String> = scene
        .roles
        .iter()
        .chain(&scene.users)
        .filter(|it| it.owner == super::scene::Owner::Named)
        .map(|it| format!("`{}`", it.arn))
        .collect();
    if !named.is_empty() {
        list.push(format!(
            "principals that the documents name in full are no stronger than the ceiling: {}",
            named.join(", ")
        ));
    }
    let (date, reach) = &scene.transitions.reach;
    list.push(format!("F2: {reach} ({date})"));
    list.push(
        "F3: policies of the organization stay as they are but for the steps that change them"
            .into(),
    );
    list.push(
        "F4: an administrator of a Kubernetes cluster can be whatever its nodes and pods can be"
            .into(),
    );
    list.push(format!(
        "F5: actions are those of the catalog of {}; later ones may be steps too",
        input.catalog.info().date
    ));
    list
}

/// Tags of the callers themselves are no part of the symbolic account: who may set them on itself,
/// or in a session, could meet conditions that nobody meets now.
fn principal_tags(input: &Input<'_>) -> Option<Open> {
    let policies = input.policies;
    let levels = policies.scps.iter().chain(&policies.rcps);
    let documents = policies
        .identity
        .iter()
        .chain(policies.boundary.iter().flatten())
        .chain(policies.session.iter().flatten())
        .chain(levels.flat_map(|it| &it.policies))
        .chain(&policies.resource)
        .chain(input.trusts)
        .chain(input.workload_boundaries);
    let is_tag = |key: &str| key.starts_with("aws:principaltag/");
    for statement in documents.flat_map(|it| &it.statements) {
        let resources = statement.resource.iter().flat_map(|it| &it.patterns);
        let values = statement.conditions.iter().flat_map(|it| &it.values);
        let templates = values.map(|it| &it.template);
        let mut variables = resources
            .map(|it| &it.template)
            .chain(templates)
            .flat_map(|it| it.variables());
        let mut keys = statement.conditions.iter().map(|it| &*it.key);
        let named = keys
            .find(|it| is_tag(it))
            .or_else(|| variables.find(|it| is_tag(&it.key)).map(|it| &*it.key));
        if let Some(key) = named {
            return Some(Open {
                reason: "principal-tags",
                detail: format!(
                    "`{key}` decides, and steps that change the caller's own tags are not followed"
                ),
            });
        }
    }
    None
}
