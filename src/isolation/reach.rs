//! What must not be allowed and is, by whomever the actor acts as: the given families, guards that
//! let through what they ask about, and changes to what does not carry the vendor's tag.

use std::collections::BTreeSet;

use serde_json::json;

use super::family::Family;
use super::gain::{Gain, Goal};
use super::objects::{self, Tags};
use super::oracle::{Answer, Mode};
use super::state::{NodeId, Origin};
use super::steps::{Stepper, services};
use super::tagging::{Value, contexts, has_tags, sees_resource, service_of, statements};
use super::texts::tag_key;
use crate::analyze::{Access, Witness};
use crate::catalog::AccessLevel;
use crate::evaluate::Settings;
use crate::policy::{Effect, Quantifier};

/// How many actions are looked at before one that counts is given up.
const MOST: usize = 10;

/// Returns what must not be allowed and is, by whomever the actor acts as.
pub(super) fn reached(stepper: &mut Stepper<'_, '_, '_>) -> Vec<Gain> {
    let mut found = Vec::new();
    let settings = Settings::default();
    for by in 0..stepper.state.nodes.len() {
        let node = &stepper.state.nodes[by];
        if node.acts.is_none() || node.origin == Origin::Foreign {
            continue;
        }
        let principal = node.principal.clone();
        let arn = node.arn.clone();
        let power = stepper.state.power(by);
        for (at, must_not) in stepper.scene.input.must_not.iter().enumerate() {
            if !stepper.is_new_of("must-not", power.id, &must_not.id) {
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
                .reaches(stepper.mode, stepper.scene, at, power.id, &access);
            if let Answer::Yes(witness) = answer {
                stepper
                    .fired
                    .insert(("must-not".into(), must_not.id.clone()));
                let goal = |request| Goal::Reach {
                    id: must_not.id.clone(),
                    class: must_not.class.clone(),
                    title: must_not.title.clone(),
                    request: Box::new(request),
                    guard: None,
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
            let prefixes: BTreeSet<String> = actions.iter().map(|it| service_of(it)).collect();
            let catalog = stepper.scene.input.catalog;
            let mut keys: Vec<String> = prefixes
                .iter()
                .flat_map(|service| objects::resource_tag_keys(catalog, service, tag))
                .collect();
            keys.sort();
            keys.dedup();
            let mut family = Family::new(&actions)
                .not_on(&objects::own_names(stepper.scene))
                .in_one_of(contexts(&keys, &Value::Absent));
            let elements = statement.resource.iter().filter(|it| !it.negated);
            let resources: Vec<&str> = elements
                .flat_map(|it| &it.patterns)
                .map(|it| it.template.text())
                .collect();
            if !resources.is_empty() {
                family = family.on(&resources);
            }
            let values = condition.values.iter().map(|it| it.template.text());
            let guard = json!({
                "Effect": "Deny",
                "Action": actions,
                "Resource": if resources.is_empty() { vec!["*"] } else { resources },
                "Condition": {"StringNotEquals": {
                    condition.key_text.text.to_string(): values.collect::<Vec<_>>(),
                }},
            });
            let mut is_settled = false;
            for _ in 0..MOST {
                let Answer::Yes(witness) = stepper.ask(&power, by, &family) else {
                    is_settled = true;
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
                    request: Box::new(request),
                    guard: Some(Box::new(guard.clone())),
                };
                found.push(shown(stepper, by, &arn, witness, goal, &name));
                is_settled = true;
                break;
            }
            found.extend(unsettled(stepper, by, is_settled, &name));
        }
    }
    found
}

/// What could not be excluded for the number of calls that look like it.
fn unsettled(
    stepper: &Stepper<'_, '_, '_>,
    by: NodeId,
    is_settled: bool,
    what: &str,
) -> Option<Gain> {
    if is_settled || stepper.mode == Mode::Must {
        return None;
    }
    let arn = stepper.state.nodes[by].arn.clone();
    let goal = |_| Goal::Guard { what: what.into() };
    Some(shown(stepper, by, &arn, None, goal, what))
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
        let mut is_settled = false;
        for _ in 0..MOST {
            let answer = stepper.ask_object(&power, by, &family, service);
            let Answer::Yes(witness) = answer else {
                is_settled = true;
                break;
            };
            if let Some(witness) = &witness
                && !has_tags(stepper, witness)
            {
                family = family.without(&[witness.request.action.text.as_ref()]);
                continue;
            }
            let untags = witness.as_ref().is_some_and(|it| {
                let entry = objects::entry(catalog, &it.request.action.text);
                entry.is_some_and(|it| it.access_levels.contains(AccessLevel::Tagging))
            });
            let goal = |request| Goal::Reach {
                id: format!("unmarked {service}"),
                class: if untags { "W19" } else { "W24" }.into(),
                title: format!("objects of {service} without the vendor's tag can be changed"),
                request: Box::new(request),
                guard: None,
            };
            let arn = stepper.state.nodes[by].arn.clone();
            found.push(shown(stepper, by, &arn, witness, goal, service));
            is_settled = true;
            break;
        }
        found.extend(unsettled(stepper, by, is_settled, service));
    }
    found
}
