//! What tags are worth: what the actor may do once it has set, or removed, the tags that conditions
//! see, on what is not its own; and what must not be allowed now.

mod moves;

use std::collections::BTreeSet;
use std::rc::Rc;

use moves::{Move, TAG_KEYS, moves, shown_tags};
pub(super) use moves::{Value, contexts};

use super::family::{Condition, Family, default_key_policy};
use super::gain::{Gain, Goal};
use super::objects;
use super::oracle::{Answer, Mode};
use super::scene::Scene;
use super::state::{Deed, Event, Made, NodeId, Origin};
use super::steps::{Stepper, names};
use super::texts::tag_key;
use super::transition::Effect as StepEffect;
use crate::analyze::Witness;
use crate::arn::Arn;
use crate::evaluate::derive::{Known, derive};
use crate::evaluate::{Decision, Layer, Settings, Truth, decide, explain};
use crate::policy::{Condition as PolicyCondition, Effect, Statement};

/// How many objects of different types are tried before a question stays open.
const MOST: usize = 10;

/// An action that sets or removes tags.
#[derive(Clone, Debug)]
struct Tagger {
    action: String,
    row: String,
    title: String,
    class: String,
    sets: bool,
    /// A key that is there only while an object is created.
    create_action: Option<String>,
    /// Whether its requests show the tags that they set, or the keys of those that they remove.
    shows: bool,
}

/// Returns what tag steps are worth.
pub(super) fn gains(stepper: &mut Stepper<'_, '_, '_>, events: &[Rc<Event>]) -> Vec<Gain> {
    let mut found = Vec::new();
    for by in 0..stepper.state.nodes.len() {
        let node = &stepper.state.nodes[by];
        if node.acts.is_none() || node.origin == Origin::Foreign {
            continue;
        }
        let power = stepper.state.power(by);
        let taggers = taggers(stepper, by);
        if taggers.is_empty() {
            continue;
        }
        for step in moves(stepper, by) {
            let sets = step.to != Value::Absent;
            let mut services: BTreeSet<String> = taggers
                .iter()
                .filter(|it| it.sets == sets)
                .map(|it| service_of(&it.action))
                .collect();
            // The tags are those of the object that the statement is about.
            services.retain(|service| step.actions.iter().any(|it| may_be_of(it, service)));
            for service in services {
                let name = format!("{service} {} {:?} {:?}", step.tag, step.from, step.to);
                if !stepper.is_new_of("tag", power.id, &name) {
                    continue;
                }
                let usable: Vec<&Tagger> = taggers
                    .iter()
                    .filter(|it| it.sets == sets && service_of(&it.action) == service)
                    .collect();
                found.extend(try_move(stepper, by, &step, &service, &usable, events));
            }
        }
    }
    found
}

/// The statements whose conditions see tags of resources, for a principal.
pub(super) fn statements<'s>(stepper: &Stepper<'s, '_, '_>, by: NodeId) -> Vec<&'s Statement> {
    let scene = stepper.scene;
    let node = &stepper.state.nodes[by];
    let policies = scene.input.policies;
    let mut documents: Vec<&crate::policy::Document> = Vec::new();
    if by == 0 {
        documents.extend(&policies.identity);
    }
    if let Some(at) = node.boundary {
        documents.extend(&scene.boundaries[at].documents);
    }
    documents.extend(policies.scps.iter().flat_map(|level| &level.policies));
    let all = documents.into_iter().flat_map(|it| &it.statements);
    all.filter(|it| it.conditions.iter().any(sees_resource))
        .collect()
}

pub(super) fn sees_resource(condition: &PolicyCondition) -> bool {
    let of_request = condition.key.contains("requesttag/");
    tag_key(condition).is_some() && !of_request
}

fn taggers(stepper: &mut Stepper<'_, '_, '_>, by: NodeId) -> Vec<Tagger> {
    let mut found = Vec::new();
    let power = stepper.state.power(by);
    let named = stepper.named(&power);
    for row in named.rows.iter().copied() {
        let sets = row.effect == StepEffect::Tag;
        let Some(call) = row.calls.first() else {
            continue;
        };
        if !sets && row.effect != StepEffect::Untag || row.upper_bound && stepper.mode == Mode::Must
        {
            continue;
        }
        // Tags of sessions are tags of a principal.
        if call.action.starts_with("sts:") || !names(&power.policies, &call.action) {
            continue;
        }
        let create_action = row
            .condition_keys
            .iter()
            .find(|(_, role)| **role == super::transition::KeyRole::CreateAction);
        found.push(Tagger {
            action: call.action.clone(),
            row: row.id.clone(),
            title: row.title.clone(),
            class: row.class.first().cloned().unwrap_or_default(),
            sets,
            create_action: create_action.map(|(key, _)| key.clone()),
            shows: row.condition_keys.contains_key(TAG_KEYS),
        });
    }
    for (name, rule) in &named.generic {
        let sets = rule.effect == StepEffect::Tag;
        if !sets && rule.effect != StepEffect::Untag {
            continue;
        }
        found.push(Tagger {
            row: rule.id.clone(),
            title: format!("{} with `{name}`", rule.title),
            class: rule.class.first().cloned().unwrap_or_default(),
            action: name.clone(),
            sets,
            create_action: None,
            shows: false,
        });
    }
    found
}

pub(super) fn service_of(action: &str) -> String {
    let (service, _) = action.split_once(':').unwrap_or((action, ""));
    service.to_ascii_lowercase()
}

/// Whether a pattern of actions may be about a service.
fn may_be_of(pattern: &str, service: &str) -> bool {
    pattern == "*" || service_of(pattern) == service
}

fn try_move(
    stepper: &mut Stepper<'_, '_, '_>,
    by: NodeId,
    step: &Move,
    service: &str,
    taggers: &[&Tagger],
    events: &[Rc<Event>],
) -> Option<Gain> {
    let scene = stepper.scene;
    // Tags of this beginning only AWS sets (AWS General Reference, "Tagging your AWS resources").
    if step.tag.to_ascii_lowercase().starts_with("aws:") {
        return None;
    }
    // Its own objects have the vendor's tags already.
    if let Value::Is(value) = &step.from
        && scene
            .tags
            .get(&step.tag)
            .is_some_and(|it| it.contains(value))
    {
        return None;
    }
    let power = stepper.state.power(by);
    let actions: Vec<&String> = taggers.iter().map(|it| &it.action).collect();
    let keys = objects::resource_tag_keys(scene.input.catalog, service, &step.tag);
    let own = objects::own_names(scene);
    let mut tag = Family::new(&actions).not_on(&own).in_one_of(shown_tags(
        contexts(&keys, &step.from),
        step,
        taggers,
    ));
    let creating: BTreeSet<&String> = taggers
        .iter()
        .filter_map(|it| it.create_action.as_ref())
        .collect();
    tag = tag.when_all(creating.into_iter().map(|key| Condition::absent(key)));
    tag = tag.when_all(without_own_marks(scene, service));
    if !stepper.ask_object(&power, by, &tag, service).is_yes() {
        return None;
    }
    let narrowed: Vec<String> = step
        .actions
        .iter()
        .filter(|it| may_be_of(it, service))
        .map(|it| {
            if it == "*" {
                format!("{service}:*")
            } else {
                it.clone()
            }
        })
        .collect();
    let mut gained = Family::new(&narrowed)
        .not_on(&own)
        .without(&actions)
        .in_one_of(contexts(&keys, &step.to));
    let mut is_exact = true;
    for _ in 0..MOST {
        let witness = match stepper.ask_object(&power, by, &gained, service) {
            Answer::No if is_exact || stepper.mode == Mode::Must => return None,
            Answer::No | Answer::Yes(None) => {
                return Some(possible(stepper, by, step, taggers));
            }
            Answer::Yes(Some(witness)) => witness,
        };
        let action = witness.request.action.text.to_string();
        let Some(resource) = witness.request.resource.as_deref().map(str::to_owned) else {
            gained = gained.without(&[action]);
            continue;
        };
        // What was allowed before is no gain.
        if let Some(before) = allowed_before(stepper, by, &witness, &keys, &step.from) {
            let (exact, resources) = before;
            is_exact &= exact;
            gained = gained.except(&[action], &resources);
            continue;
        }
        let there = tag.clone().on(&[&resource]);
        match stepper.ask_object(&power, by, &there, service) {
            Answer::No => gained = gained.not_on(&[kind_pattern(&resource)]),
            Answer::Yes(None) => return Some(possible(stepper, by, step, taggers)),
            Answer::Yes(Some(setting)) => {
                return Some(owned(
                    stepper, by, step, taggers, *setting, *witness, events,
                ));
            }
        }
    }
    (stepper.mode == Mode::May).then(|| possible(stepper, by, step, taggers))
}

/// What AWS itself has marked as the vendor's need not be made so.
fn without_own_marks(scene: &Scene<'_>, service: &str) -> Vec<Condition> {
    let input = scene.input;
    let marks = input.own_marks.iter();
    marks
        .flat_map(|(tag, value)| {
            let keys = objects::resource_tag_keys(input.catalog, service, tag);
            let other = move |key: String| Condition::new("StringNotLike", &key, &[value]);
            keys.into_iter().map(other)
        })
        .collect()
}

/// Whether a request was allowed with the value that the tag had before: by which resources of which
/// statement, and whether by them all.
fn allowed_before(
    stepper: &Stepper<'_, '_, '_>,
    by: NodeId,
    witness: &Witness,
    keys: &[String],
    value: &Value,
) -> Option<(bool, Vec<String>)> {
    let request = &witness.request;
    let is_tag = |key: &str| keys.iter().any(|it| it.eq_ignore_ascii_case(key));
    let entries = request.context.entries().iter();
    let mut context: Vec<(String, Vec<String>)> = entries
        .filter(|it| !is_tag(&it.key))
        .map(|it| {
            let values = it.values.iter().map(|value| value.to_string());
            (it.key.to_string(), values.collect())
        })
        .collect();
    if let Some(text) = value.text() {
        context.extend(keys.iter().map(|key| (key.clone(), vec![text.to_owned()])));
    }
    let known = Known {
        principal: Some(&request.principal),
        resource: request.resource.as_deref(),
        resource_account: request.resource_account.as_deref(),
        context: &context,
        complete: true,
        settings: Settings {
            complete: true,
            ..request.settings.clone()
        },
        ..Known::default()
    };
    let before = derive(&request.action, &known, stepper.scene.input.catalog).request;
    let power = stepper.state.known_power(by)?;
    let mut policies = power.policies.clone();
    if before.action.service() == "kms" {
        let scene = stepper.scene;
        policies.resource = Some(default_key_policy(&scene.partition, &scene.account));
    }
    if decide(&policies, &before).decision != Decision::Allowed {
        return None;
    }
    let explanation = explain(&policies, &before);
    let mut traces = explanation.statements.iter();
    let granting = traces.find(|it| {
        it.layer == Layer::Identity
            && it.statement.effect == Effect::Allow
            && it.applies() == Truth::True
    })?;
    let element = granting.statement.resource.as_ref();
    let patterns = element.into_iter().flat_map(|it| &it.patterns);
    let resources: Vec<String> = patterns.map(|it| it.template.text().to_owned()).collect();
    let plain = granting.statement.conditions.is_empty()
        && element.is_some_and(|it| !it.negated)
        && !resources.iter().any(|it| it.contains("${"));
    let everywhere = vec!["*".to_owned()];
    Some((plain, if plain { resources } else { everywhere }))
}

/// Whether requests on the object can see its tags at all.
pub(super) fn has_tags(stepper: &Stepper<'_, '_, '_>, witness: &Witness) -> bool {
    let catalog = stepper.scene.input.catalog;
    let action = &witness.request.action.text;
    let resource = witness.request.resource.as_deref().unwrap_or_default();
    let Some(entry) = objects::entry(catalog, action) else {
        return true;
    };
    let kind = objects::kind_of(catalog, action, resource);
    let row = kind.and_then(|kind| entry.resource_type(&kind));
    let mut keys = row
        .into_iter()
        .flat_map(|it| it.condition_keys.iter())
        .chain(entry.condition_keys.iter());
    keys.any(|key| key.to_ascii_lowercase().contains("resourcetag/"))
}

/// `arn:aws:ec2:us-east-1:111122223333:volume/vol-1` stands for all volumes.
fn kind_pattern(arn: &str) -> String {
    let Some(parts) = Arn::parse(arn) else {
        return arn.to_owned();
    };
    let kind = parts.resource.split_once(['/', ':']);
    let rest = match kind {
        Some((kind, _)) => format!("{}{}*", kind, &parts.resource[kind.len()..=kind.len()]),
        None => "*".to_owned(),
    };
    format!("arn:*:{}:*:*:{rest}", parts.service)
}

fn event(
    stepper: &Stepper<'_, '_, '_>,
    by: NodeId,
    tagger: &Tagger,
    made: Vec<Made>,
    deed: Deed,
    guess: Option<String>,
) -> Rc<Event> {
    let premises = stepper
        .state
        .known_power(by)
        .map(|it| it.premises.clone())
        .unwrap_or_default();
    Rc::new(Event {
        row: tagger.row.clone(),
        title: tagger.title.clone(),
        class: tagger.class.clone(),
        by,
        made,
        deed,
        premises,
        guess,
    })
}

fn goal(step: &Move, class: &str, request: crate::evaluate::Request) -> Goal {
    let tag = &step.tag;
    let title = match step.to.text() {
        Some(value) => format!(
            "objects of somebody else can be given the tag `{tag}={value}`, on which access rests"
        ),
        None => format!("objects of somebody else can lose the tag `{tag}`, which guards them"),
    };
    Goal::Reach {
        id: format!("tag {tag} {}", step.to.text().unwrap_or_default()),
        class: class.to_owned(),
        title,
        request: Box::new(request),
        guard: None,
    }
}

fn owned(
    stepper: &Stepper<'_, '_, '_>,
    by: NodeId,
    step: &Move,
    taggers: &[&Tagger],
    setting: Witness,
    witness: Witness,
    events: &[Rc<Event>],
) -> Gain {
    let action = &setting.request.action.folded;
    let used = taggers
        .iter()
        .find(|it| it.action.eq_ignore_ascii_case(action))
        .unwrap_or(&taggers[0]);
    let resource = setting.request.resource.as_deref().unwrap_or_default();
    let deed = match step.to.text() {
        Some(value) => Deed::Tag {
            resource: resource.to_owned(),
            tags: vec![(step.tag.clone(), value.to_owned())],
        },
        None => Deed::Untag {
            resource: resource.to_owned(),
            keys: vec![step.tag.clone()],
        },
    };
    let class = used.class.clone();
    let made = vec![Made {
        request: setting.request,
    }];
    let cause = event(stepper, by, used, made, deed, None);
    let mut path = stepper.state.unfold(&cause.premises);
    let place = |it: &Rc<Event>| events.iter().position(|known| Rc::ptr_eq(known, it));
    path.sort_by_key(place);
    path.push(Rc::clone(&cause));
    Gain {
        goal: goal(step, &class, witness.request),
        by: stepper.state.nodes[by].arn.clone(),
        cause: Some(cause),
        path,
    }
}

/// A gain that could not be excluded, and not be shown either.
fn possible(stepper: &Stepper<'_, '_, '_>, by: NodeId, step: &Move, taggers: &[&Tagger]) -> Gain {
    let what = format!("the tag `{}` of objects of somebody else", step.tag);
    let guess = Some(format!("{what} can be changed, perhaps"));
    let cause = event(
        stepper,
        by,
        taggers[0],
        Vec::new(),
        Deed::OpenGroup {
            group: String::new(),
        },
        guess,
    );
    Gain {
        goal: Goal::Guard { what },
        by: stepper.state.nodes[by].arn.clone(),
        path: vec![Rc::clone(&cause)],
        cause: Some(cause),
    }
}
