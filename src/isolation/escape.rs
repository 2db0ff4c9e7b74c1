//! A way out as a report shows it: numbered steps with the statements that allow them, what is
//! gained, and the class of the weakness.

use super::gain::{Gain, Goal, Proven};
use super::names::Glob;
use super::objects;
use super::remedy::Remedy;
use super::replay::Done;
use super::scene::Scene;
use super::state::{Deed, Event, Origin, State};
use crate::arn::Arn;
use crate::evaluate::{Layer, Truth, explain};
use crate::policy::{Document, Effect, Statement};
use crate::source::{FileId, Span};

/// A way out.
#[derive(Clone, Debug)]
pub struct Escape {
    /// The class of the weakness, such as `W5`.
    pub class: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// What is gained.
    pub gain: String,
    /// The requests, in the order in which they are made.
    pub steps: Vec<Step>,
    /// Other calls that the same statement lets do the same.
    pub also: Vec<String>,
    /// The smallest change that closes it, proven; none was found, or none was looked for.
    pub remedy: Option<Remedy>,
}

/// One request of a way out.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it does, in words.
    pub title: String,
    /// Who makes it: an ARN.
    pub by: String,
    /// The action.
    pub action: String,
    /// The resource, where the action has one.
    pub resource: Option<String>,
    /// The condition keys that matter.
    pub context: Vec<(String, Vec<String>)>,
    /// The statement that allows it; none where a policy of the actor's own making does.
    pub allowed_by: Option<GrantedBy>,
    /// What allows it where no statement of the given documents does.
    pub otherwise: &'static str,
}

/// A statement that allows a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GrantedBy {
    /// The text that it stands in.
    pub file: FileId,
    /// The statement.
    pub span: Span,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Its number in the document, from 0.
    pub index: usize,
    /// Whether it stands in a permissions boundary, and everything else is of the actor's making.
    pub in_boundary: bool,
}

/// The statement that allows a request: of the policies as they were given.
pub(super) fn granted_by(done: &Done) -> Option<GrantedBy> {
    let explanation = explain(&done.policies, &done.request);
    let applies = |layer: Layer| {
        let mut traces = explanation.statements.iter();
        traces
            .find(|it| {
                it.layer == layer
                    && it.statement.effect == Effect::Allow
                    && it.document.file.is_some()
                    && it.applies() == Truth::True
            })
            .and_then(|it| {
                Some(GrantedBy {
                    file: it.document.file?,
                    span: it.statement.span,
                    sid: it.statement.sid.as_ref().map(|sid| sid.text.to_string()),
                    index: it.index,
                    in_boundary: layer == Layer::Boundary,
                })
            })
    };
    [Layer::Identity, Layer::Resource, Layer::Boundary]
        .into_iter()
        .find_map(applies)
}

/// Returns a way out with everything but its remedy.
pub(super) fn describe(state: &State<'_>, gain: &Gain, proven: &Proven) -> Escape {
    let mut steps = Vec::new();
    for (event, done) in &proven.steps {
        for (at, one) in done.iter().enumerate() {
            let title = if at == 0 {
                sentence(event)
            } else {
                "needed for the same step".to_owned()
            };
            steps.push(step(state, event, one, title));
        }
    }
    if let Some(last) = &proven.last {
        let by = gain.by.clone();
        let title = match &gain.goal {
            Goal::Power { .. } => "what the ceiling does not let through is allowed".to_owned(),
            _ => "what must not be allowed is allowed".to_owned(),
        };
        steps.push(step_of(state, by, last, title));
    }
    Escape {
        class: class(state, gain, proven),
        title: title(state, gain),
        gain: worth(state.scene, gain),
        steps,
        also: Vec::new(),
        remedy: None,
    }
}

fn sentence(event: &Event) -> String {
    let object = match &event.deed {
        Deed::PutPolicy { to } | Deed::Attach { to, .. } => to,
        Deed::WritePolicy { policy } => policy,
        Deed::SetBoundary { of, .. } | Deed::RemoveBoundary { of } | Deed::OpenTrust { of } => of,
        Deed::Create { arn, .. } | Deed::Become { arn } => arn,
        _ => return event.title.clone(),
    };
    format!("{}: {}", event.title, objects::title(object))
}

fn step(state: &State<'_>, event: &Event, done: &Done, title: String) -> Step {
    step_of(state, state.nodes[event.by].arn.clone(), done, title)
}

/// Keys that follow from caller and resource tell a reader nothing.
const DERIVED: [&str; 8] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltype",
    "aws:principalisawsservice",
    "aws:resourceaccount",
    "aws:requestedregion",
    "aws:userid",
    "aws:username",
];

fn step_of(state: &State<'_>, by: String, done: &Done, title: String) -> Step {
    let request = &done.request;
    let foreign = state
        .nodes
        .iter()
        .any(|it| it.arn == by && it.origin == Origin::Foreign);
    let entries = request.context.entries().iter();
    let context = entries
        .filter(|it| !DERIVED.iter().any(|key| it.key.eq_ignore_ascii_case(key)))
        .map(|it| {
            let values = it.values.iter().map(|value| value.to_string());
            (it.key.to_string(), values.collect())
        });
    Step {
        title,
        by,
        action: request.action.text.to_string(),
        resource: request.resource.as_deref().map(str::to_owned),
        context: context.collect(),
        allowed_by: granted_by(done),
        otherwise: if foreign {
            "what that principal may do (F1)"
        } else if request.action.service() == "sts" && done.policies.resource.is_some() {
            "the trust policy of the role"
        } else {
            "a policy that the actor wrote on the way"
        },
    }
}

fn title(state: &State<'_>, gain: &Gain) -> String {
    if let Goal::Reach { title, .. } = &gain.goal {
        return title.clone();
    }
    let Some(cause) = &gain.cause else {
        return gain.goal.name();
    };
    let is_actor = |arn: &String| *arn == state.nodes[0].arn;
    match &cause.deed {
        Deed::PutPolicy { to } | Deed::Attach { to, .. } if is_actor(to) => {
            "the actor can write its own policies".into()
        }
        Deed::WritePolicy { policy } if state.scene.held.iter().any(|it| it.arn == *policy) => {
            "the actor can rewrite its own policies".into()
        }
        Deed::WritePolicy { .. } => "the permissions boundary can be rewritten".into(),
        Deed::DropDocument { .. } => "the actor can get rid of a policy that denies".into(),
        Deed::SetBoundary { .. } => "the permissions boundary can be replaced".into(),
        Deed::RemoveBoundary { .. } => "the permissions boundary can be removed".into(),
        Deed::Create { arn, .. } => format!(
            "a {} can be created without the permissions boundary",
            if arn.contains(":user/") {
                "user"
            } else {
                "role"
            }
        ),
        Deed::OpenTrust { .. } => "the trust policy of another role can be rewritten".into(),
        Deed::OpenResource { .. } if state.scene.input.dedicated_account => {
            "a resource can be opened to other accounts".into()
        }
        Deed::OpenResource { .. } => {
            "the policy of somebody else's resource can be rewritten".into()
        }
        Deed::LeaveOrganization => "policies of the organization can be taken away".into(),
        _ => cause.title.clone(),
    }
}

fn worth(scene: &Scene<'_>, gain: &Gain) -> String {
    match &gain.goal {
        Goal::Power { arn } if *arn == scene.actor => {
            "the actor becomes administrator of the account".into()
        }
        Goal::Power { arn } => format!(
            "the actor acts as {}, which nothing limits to the ceiling",
            objects::title(arn)
        ),
        Goal::Guard { what } => format!("the actor changes {what}, on which its limits rest"),
        Goal::Opened { resource } => {
            format!(
                "{} is open to whom the actor chooses",
                objects::title(resource)
            )
        }
        Goal::Organization => "no policy of the organization limits the account any more".into(),
        Goal::Reach { id, title, .. } => {
            let mut all = scene.input.must_not.iter();
            let why = all.find(|it| it.id == *id).map(|it| it.why.clone());
            why.unwrap_or_else(|| title.clone())
        }
    }
}

/// The class of the weakness: the row's, or what the documents around it make of it.
fn class(state: &State<'_>, gain: &Gain, proven: &Proven) -> String {
    if let Goal::Reach { class, .. } = &gain.goal {
        return class.clone();
    }
    let Some(cause) = &gain.cause else {
        return String::new();
    };
    let scene = state.scene;
    let row = cause.class.clone();
    let done = proven
        .steps
        .iter()
        .find(|(event, _)| event.row == cause.row && event.deed == cause.deed)
        .and_then(|(_, done)| done.first());
    let Some(done) = done else { return row };
    let target = done.request.resource.as_deref().unwrap_or_default();
    if misses_its_type(scene, &done.request.action.text) {
        return "W7".into();
    }
    let node = state.nodes.iter().find(|it| it.arn == target);
    let is_own = |arn: &str| {
        arn == scene.actor
            || scene.held.iter().any(|it| it.arn == arn)
            || scene.boundaries.iter().any(|it| it.arn == arn)
    };
    match &cause.deed {
        Deed::PutPolicy { .. } | Deed::Attach { .. } | Deed::WritePolicy { .. }
            if is_own(target) =>
        {
            let bounds_others = asks_for_boundary(scene);
            if guards(scene, is_own) {
                "W11".into()
            } else if scene.input.policies.boundary.is_none() && bounds_others {
                "W9".into()
            } else {
                "W10".into()
            }
        }
        Deed::DropDocument { .. } if guards(scene, is_own) => "W11".into(),
        Deed::DropDocument { .. } => "W10".into(),
        Deed::Create { .. } if asks_for_boundary(scene) => "W8".into(),
        Deed::PutPolicy { .. } | Deed::Attach { .. } | Deed::OpenTrust { .. }
            if node.is_some_and(|it| it.origin == Origin::Named && scene.is_own(&it.arn)) =>
        {
            "W12".into()
        }
        _ => row,
    }
}

/// Documents that guard: the actor's, its boundary's and the organization's.
fn documents<'s>(scene: &'s Scene<'_>) -> impl Iterator<Item = &'s Document> {
    let policies = scene.input.policies;
    let boundaries = scene.boundaries.iter().flat_map(|it| &it.documents);
    policies
        .identity
        .iter()
        .chain(boundaries)
        .chain(policies.scps.iter().flat_map(|level| &level.policies))
}

fn denies<'s>(scene: &'s Scene<'_>) -> impl Iterator<Item = &'s Statement> {
    let statements = documents(scene).flat_map(|it| &it.statements);
    statements.filter(|it| it.effect == Effect::Deny)
}

fn names_action(statement: &Statement, action: &str) -> bool {
    let folded = action.to_ascii_lowercase();
    let mut patterns = statement.action.patterns.iter();
    !statement.action.negated && patterns.any(|it| it.matches(action, &folded))
}

/// Whether a Deny names the action, and only resources that the action never has (W7).
fn misses_its_type(scene: &Scene<'_>, action: &str) -> bool {
    let Some(entry) = objects::entry(scene.input.catalog, action) else {
        return false;
    };
    let service = action.split(':').next().unwrap_or_default();
    let types: Vec<String> = entry
        .resource_types
        .iter()
        .flat_map(|it| objects::patterns(scene, service, &it.name))
        .map(|it| it.replace('*', "x"))
        .collect();
    denies(scene)
        .filter(|it| names_action(it, action))
        .any(|statement| {
            let Some(element) = &statement.resource else {
                return false;
            };
            let mut patterns = element.patterns.iter();
            !element.negated
                && !types.is_empty()
                && patterns.all(|pattern| {
                    let begins = |arn: &String| {
                        let base = arn.rsplit_once('x').map_or(arn.as_str(), |(base, _)| base);
                        super::names::may_begin(&Glob::new(pattern.template.text()), base)
                    };
                    !pattern.is_everything() && !types.iter().any(begins)
                })
        })
}

/// Whether some statement asks for a boundary when principals are created.
fn asks_for_boundary(scene: &Scene<'_>) -> bool {
    documents(scene).flat_map(|it| &it.statements).any(|it| {
        let creates = ["iam:CreateRole", "iam:CreateUser"];
        let mut conditions = it.conditions.iter();
        creates.iter().any(|action| names_action(it, action))
            && conditions.any(|it| *it.key == *"iam:permissionsboundary")
    })
}

/// Whether a Deny guards some of the actor's own objects against changes.
fn guards(scene: &Scene<'_>, is_own: impl Fn(&str) -> bool) -> bool {
    denies(scene).any(|statement| {
        let elements = statement.resource.iter();
        let mut patterns = elements
            .filter(|it| !it.negated)
            .flat_map(|it| &it.patterns)
            .filter(|it| !it.is_everything());
        let of_iam = statement.action.patterns.iter().any(|it| {
            it.text
                .get(..4)
                .is_some_and(|it| it.eq_ignore_ascii_case("iam:"))
        });
        of_iam
            && patterns.any(|pattern| {
                let text = scene.localized(pattern.template.text());
                let glob = Glob::new(&text);
                let all = scene
                    .held
                    .iter()
                    .map(|it| &it.arn)
                    .chain(scene.boundaries.iter().map(|it| &it.arn))
                    .chain([&scene.actor]);
                let literal = Arn::parse(&text).is_some_and(|it| it.service == "iam");
                literal && all.into_iter().any(|arn| is_own(arn) && glob.matches(arn))
            })
    })
}
