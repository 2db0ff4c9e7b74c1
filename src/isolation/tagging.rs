//! What tags are worth: what the actor may do once it has set, or removed, the tags that conditions
//! see, on what is not its own; and what must not be allowed now.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::family::{Condition, Family};
use super::gain::{Gain, Goal};
use super::objects::{self, OTHER_VALUE, Tags};
use super::oracle::{Answer, Mode};
use super::scene::tag_key;
use super::state::{Deed, Event, Made, NodeId};
use super::steps::{Stepper, names, services};
use super::transition::Effect as StepEffect;
use crate::analyze::{Access, Witness};
use crate::arn::Arn;
use crate::evaluate::Settings;
use crate::policy::{Condition as PolicyCondition, Effect, Quantifier, Statement, Test};

/// How many objects of different types are tried before a question stays open.
const MOST: usize = 10;

/// A value of a tag, as far as conditions tell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Value {
    Absent,
    Other,
    Is(String),
}

impl Value {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Absent => None,
            Self::Other => Some(OTHER_VALUE),
            Self::Is(value) => Some(value),
        }
    }
}

/// What another value of a tag opens, by the words of one statement.
#[derive(Clone, Debug)]
struct Move {
    tag: String,
    from: Value,
    to: Value,
    /// The actions of the statement.
    actions: Vec<String>,
}

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
}

/// Returns what tag steps are worth.
pub(super) fn gains(stepper: &mut Stepper<'_, '_, '_>, events: &[Rc<Event>]) -> Vec<Gain> {
    let mut found = Vec::new();
    for by in 0..stepper.state.nodes.len() {
        let node = &stepper.state.nodes[by];
        if node.acts.is_none() || node.is_total() {
            continue;
        }
        let power = stepper.state.power(by);
        let taggers = taggers(stepper, by);
        if taggers.is_empty() {
            continue;
        }
        for step in moves(stepper, by) {
            for sets in [true, false] {
                let usable: Vec<&Tagger> = taggers.iter().filter(|it| it.sets == sets).collect();
                if usable.is_empty()
                    || !sets && step.to != Value::Absent
                    || sets && step.to == Value::Absent
                {
                    continue;
                }
                let name = format!("{} {:?} {:?} {sets}", step.tag, step.from, step.to);
                if !stepper.is_new_of("tag", power.id, &name) {
                    continue;
                }
                found.extend(try_move(stepper, by, &step, &usable, events));
            }
        }
    }
    found
}

/// The statements whose conditions see tags of resources, for a principal.
fn statements<'a>(stepper: &'a Stepper<'_, '_, '_>, by: NodeId) -> Vec<Statement> {
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
        .cloned()
        .collect()
}

fn sees_resource(condition: &PolicyCondition) -> bool {
    let of_request = condition.key.contains("requesttag/");
    tag_key(condition).is_some() && !of_request
}

fn moves(stepper: &Stepper<'_, '_, '_>, by: NodeId) -> Vec<Move> {
    let mut found: Vec<Move> = Vec::new();
    for statement in statements(stepper, by) {
        let actions = if statement.action.negated {
            vec!["*".to_owned()]
        } else {
            let patterns = statement.action.patterns.iter();
            patterns.map(|it| it.text.to_string()).collect()
        };
        for condition in statement.conditions.iter().filter(|it| sees_resource(it)) {
            let Some(tag) = tag_key(condition) else {
                continue;
            };
            for (from, to) in turns(condition, statement.effect) {
                found.push(Move {
                    tag: tag.to_owned(),
                    from,
                    to,
                    actions: actions.clone(),
                });
            }
        }
    }
    // What differs by its actions only is one question.
    let mut merged: Vec<Move> = Vec::new();
    for one in found {
        let same = |it: &&mut Move| it.tag == one.tag && it.from == one.from && it.to == one.to;
        match merged.iter_mut().find(same) {
            Some(known) => known.actions.extend(one.actions),
            None => merged.push(one),
        }
    }
    merged
}

/// Which change of a value lets the statement allow more, or deny less.
fn turns(condition: &PolicyCondition, effect: Effect) -> Vec<(Value, Value)> {
    let Some(operator) = condition.operator else {
        return Vec::new();
    };
    let allows = effect == Effect::Allow;
    let values = condition.values.iter().map(|it| it.template.text());
    if operator.test == Test::Null {
        let absent = values.into_iter().any(|it| it.eq_ignore_ascii_case("true"));
        // Allowed, or not denied, when the tag is absent; or when it is there.
        return if absent == allows {
            vec![(Value::Other, Value::Absent)]
        } else {
            vec![(Value::Absent, Value::Other)]
        };
    }
    let mut found = Vec::new();
    for value in values {
        let value = Value::Is(super::names::fill(value, "vendor"));
        // The statement looks for the value and allows, or for anything else and denies.
        if operator.negated != allows {
            found.push((Value::Absent, value.clone()));
            found.push((Value::Other, value));
        } else {
            found.push((value.clone(), Value::Absent));
            found.push((value, Value::Other));
        }
    }
    found
}

fn taggers(stepper: &Stepper<'_, '_, '_>, by: NodeId) -> Vec<Tagger> {
    let scene = stepper.scene;
    let transitions = scene.transitions;
    let mut found = Vec::new();
    let Some(power) = stepper.state.known_power(by) else {
        return found;
    };
    for row in &transitions.rows {
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
        });
    }
    let catalog = scene.input.catalog;
    let prefixes = services(&power.policies)
        .unwrap_or_else(|| catalog.service_prefixes().map(str::to_owned).collect());
    for prefix in prefixes {
        let Some(service) = catalog.service(&prefix) else {
            continue;
        };
        for action in service.actions() {
            let Some(rule) = transitions.generic_of(&prefix, action) else {
                continue;
            };
            let sets = rule.effect == StepEffect::Tag;
            let name = format!("{prefix}:{}", action.name);
            if !sets && rule.effect != StepEffect::Untag || !names(&power.policies, &name) {
                continue;
            }
            found.push(Tagger {
                row: rule.id.clone(),
                title: format!("{} with `{name}`", rule.title),
                class: rule.class.first().cloned().unwrap_or_default(),
                action: name,
                sets,
                create_action: None,
            });
        }
    }
    found
}

/// All spellings of a resource's tag in the requests of some services.
fn tag_keys(stepper: &Stepper<'_, '_, '_>, prefixes: &BTreeSet<String>, tag: &str) -> Vec<String> {
    let catalog = stepper.scene.input.catalog;
    let mut keys: Vec<String> = prefixes
        .iter()
        .flat_map(|service| objects::resource_tag_keys(catalog, service, tag))
        .collect();
    keys.sort();
    keys.dedup();
    keys
}

fn state_of(keys: &[String], value: &Value) -> Vec<Condition> {
    let of = |key: &String| match value.text() {
        None => Condition::absent(key),
        Some(text) => Condition::new("StringEqualsIfExists", key, &[text]),
    };
    keys.iter().map(of).collect()
}

fn try_move(
    stepper: &mut Stepper<'_, '_, '_>,
    by: NodeId,
    step: &Move,
    taggers: &[&Tagger],
    events: &[Rc<Event>],
) -> Option<Gain> {
    let scene = stepper.scene;
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
    let prefixes: BTreeSet<String> = actions
        .iter()
        .filter_map(|it| it.split_once(':'))
        .map(|(service, _)| service.to_ascii_lowercase())
        .collect();
    let keys = tag_keys(stepper, &prefixes, &step.tag);
    let own = objects::own_names(scene);
    let mut tag = Family::new(&actions)
        .not_on(&own)
        .when_all(state_of(&keys, &step.from));
    if let Some(value) = step.to.text() {
        let key = format!("aws:RequestTag/{}", step.tag);
        // Some calls set tags without showing them.
        tag = tag.when(Condition::new("StringEqualsIfExists", &key, &[value]));
    }
    let creating: BTreeSet<&String> = taggers
        .iter()
        .filter_map(|it| it.create_action.as_ref())
        .collect();
    tag = tag.when_all(creating.into_iter().map(|key| Condition::absent(key)));
    if !stepper.ask(&power, by, &tag).is_yes() {
        return None;
    }
    let wildcard: Vec<String> = prefixes.iter().map(|it| format!("{it}:*")).collect();
    let narrowed: Vec<String> = step
        .actions
        .iter()
        .flat_map(|it| {
            if it == "*" {
                wildcard.clone()
            } else {
                vec![it.clone()]
            }
        })
        .collect();
    let mut gained = Family::new(&narrowed)
        .not_on(&own)
        .without(&actions)
        .when_all(state_of(&keys, &step.to));
    for _ in 0..MOST {
        let answer = stepper.ask(&power, by, &gained);
        let witness = match answer {
            Answer::No => return None,
            Answer::Yes(None) => return Some(possible(stepper, by, step, taggers)),
            Answer::Yes(Some(witness)) => witness,
        };
        let Some(resource) = witness.request.resource.as_deref().map(str::to_owned) else {
            gained = gained.without(&[witness.request.action.text.as_ref()]);
            continue;
        };
        // What was allowed before is no gain.
        let before = Family::new(&[witness.request.action.text.as_ref()])
            .on(&[&resource])
            .when_all(state_of(&keys, &step.from));
        let sees = has_tags(stepper, &witness);
        if !sees || stepper.ask(&power, by, &before).is_yes() {
            gained = gained.without(&[witness.request.action.text.as_ref()]);
            continue;
        }
        let there = tag.clone().on(&[&resource]);
        match stepper.ask(&power, by, &there) {
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

/// Whether requests on the object can see its tags at all.
fn has_tags(stepper: &Stepper<'_, '_, '_>, witness: &Witness) -> bool {
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
        request,
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

/// Returns what must not be allowed and is, by whomever the actor acts as.
pub(super) fn reached(stepper: &mut Stepper<'_, '_, '_>) -> Vec<Gain> {
    let mut found = Vec::new();
    let settings = Settings::default();
    for by in 0..stepper.state.nodes.len() {
        let node = &stepper.state.nodes[by];
        if node.acts.is_none() || node.is_total() {
            continue;
        }
        let principal = node.principal.clone();
        let arn = node.arn.clone();
        let power = stepper.state.power(by);
        for must_not in stepper.scene.input.must_not {
            if !stepper.is_new_of("must-not", 0, &must_not.id) {
                continue;
            }
            let access = Access {
                policies: &power.policies,
                principal: &principal,
                resource_account: Some(&stepper.scene.account),
                settings: &settings,
            };
            let answer = stepper
                .asker
                .allowed_of(stepper.mode, &must_not.families, &access);
            if let Answer::Yes(witness) = answer {
                stepper
                    .fired
                    .insert(("must-not".into(), must_not.id.clone()));
                let goal = |request| Goal::Reach {
                    id: must_not.id.clone(),
                    class: must_not.class.clone(),
                    title: must_not.title.clone(),
                    request,
                };
                found.push(shown(stepper, by, &arn, witness, goal, &must_not.id));
            }
        }
        found.extend(guarded(stepper, by));
        found.extend(unmarked(stepper, by));
    }
    found
}

fn shown(
    stepper: &Stepper<'_, '_, '_>,
    by: NodeId,
    arn: &str,
    witness: Option<Box<Witness>>,
    goal: impl FnOnce(crate::evaluate::Request) -> Goal,
    what: &str,
) -> Gain {
    let premises = stepper
        .state
        .known_power(by)
        .map(|it| it.premises.clone())
        .unwrap_or_default();
    let path = stepper.state.unfold(&premises);
    match witness {
        Some(witness) => Gain {
            goal: goal(witness.request),
            by: arn.to_owned(),
            cause: None,
            path,
        },
        None => {
            let what = what.to_owned();
            Gain {
                goal: Goal::Guard { what },
                by: arn.to_owned(),
                cause: None,
                path,
            }
        }
    }
}

/// A Deny that asks for a tag, and lets through what has none (W16).
fn guarded(stepper: &mut Stepper<'_, '_, '_>, by: NodeId) -> Vec<Gain> {
    let mut found = Vec::new();
    let power = stepper.state.power(by);
    let arn = stepper.state.nodes[by].arn.clone();
    for statement in statements(stepper, by) {
        if statement.effect != Effect::Deny || statement.action.negated {
            continue;
        }
        let actions: Vec<String> = statement
            .action
            .patterns
            .iter()
            .map(|it| it.text.to_string())
            .collect();
        for condition in statement.conditions.iter().filter(|it| sees_resource(it)) {
            let Some(operator) = condition.operator else {
                continue;
            };
            let any = operator.quantifier == Some(Quantifier::ForAnyValue);
            let Some(tag) = tag_key(condition).filter(|_| operator.negated && any) else {
                continue;
            };
            let name = format!("{tag} {}", actions.join(" "));
            if !stepper.is_new_of("guarded", power.id, &name) {
                continue;
            }
            let prefixes: BTreeSet<String> = actions
                .iter()
                .filter_map(|it| it.split_once(':'))
                .map(|(service, _)| service.to_ascii_lowercase())
                .collect();
            let keys = tag_keys(stepper, &prefixes, tag);
            let mut family = Family::new(&actions)
                .not_on(&objects::own_names(stepper.scene))
                .when_all(state_of(&keys, &Value::Absent));
            let elements = statement.resource.iter().filter(|it| !it.negated);
            let resources: Vec<&str> = elements
                .flat_map(|it| &it.patterns)
                .map(|it| it.template.text())
                .collect();
            if !resources.is_empty() {
                family = family.on(&resources);
            }
            for _ in 0..MOST {
                let Answer::Yes(witness) = stepper.ask(&power, by, &family) else {
                    break;
                };
                // What has no tags is not what the Deny is about.
                if let Some(witness) = &witness
                    && !has_tags(stepper, witness)
                {
                    family = family.without(&[witness.request.action.text.as_ref()]);
                    continue;
                }
                let goal = |request| Goal::Reach {
                    id: format!("untagged {tag}"),
                    class: "W16".into(),
                    title: format!(
                        "a Deny that asks for the tag `{tag}` does not apply where the tag is absent"
                    ),
                    request,
                };
                found.push(shown(stepper, by, &arn, witness, goal, &name));
                break;
            }
        }
    }
    found
}

/// Calls that change or destroy an object, by the start of their names.
const CHANGES: [&str; 9] = [
    "Delete",
    "Terminate",
    "Modify",
    "Update",
    "Stop",
    "Reboot",
    "Put",
    "Revoke",
    "Set",
];

/// Changes to what does not have the vendor's tag, where somebody said what that is (W24).
fn unmarked(stepper: &mut Stepper<'_, '_, '_>, by: NodeId) -> Vec<Gain> {
    let scene = stepper.scene;
    if scene.input.tags.is_empty() || by != 0 {
        return Vec::new();
    }
    let power = stepper.state.power(by);
    let catalog = scene.input.catalog;
    let prefixes = services(&power.policies)
        .unwrap_or_else(|| catalog.service_prefixes().map(str::to_owned).collect());
    let mut found = Vec::new();
    for service in prefixes.iter().filter(|it| *it != "iam" && *it != "sts") {
        let actions: Vec<String> = CHANGES
            .iter()
            .map(|it| format!("{service}:{it}*"))
            .collect();
        if !stepper.is_new_of("unmarked", power.id, service) {
            continue;
        }
        let mut family = Family::new(&actions)
            .not_on(&objects::own_names(scene))
            .in_one_of(objects::tag_variants(scene, service, Tags::Foreign));
        for _ in 0..MOST {
            let answer = stepper.ask_object(&power, by, &family, service);
            let Answer::Yes(witness) = answer else { break };
            if let Some(witness) = &witness
                && !has_tags(stepper, witness)
            {
                family = family.without(&[witness.request.action.text.as_ref()]);
                continue;
            }
            let goal = |request| Goal::Reach {
                id: format!("unmarked {service}"),
                class: "W24".into(),
                title: format!("objects of {service} without the vendor's tag can be changed"),
                request,
            };
            let arn = stepper.state.nodes[by].arn.clone();
            found.push(shown(stepper, by, &arn, witness, goal, service));
            break;
        }
    }
    found
}
