//! Takes one thing after the other out of generated documents, and looks for what is lost or gained.

use rolecall::analyze::{Analysis, Found};
use rolecall::catalog::Catalog;
use rolecall::evaluate::Decision;
use rolecall::generate::{Generated, Policy, atoms, hull};
use rolecall::policy::{Document, Kind, written};
use rolecall::profile::Settings;
use serde_json::{Value, json};

use crate::requests::{Access, read};

/// Returns actions, resources and values without which every request is allowed all the same.
pub(crate) fn elements(access: &Access<'_>) -> Vec<String> {
    let mut superfluous = Vec::new();
    let documents: Vec<Document> = access.identity.iter().map(|it| read(it)).collect();
    for (at, policy) in access.identity.iter().enumerate() {
        let document = policy.document();
        let statements = document["Statement"].as_array().unwrap();
        for (place, statement) in statements.iter().enumerate() {
            let named = texts(&statement["Action"]);
            // Whatever else is asked for does not depend on this statement.
            let requests = access.requests.iter().filter(|needed| {
                named.iter().any(|it| {
                    let action = rolecall::evaluate::Action::parse(it);
                    action.is_none_or(|it| it.folded == needed.request.action.folded)
                })
            });
            let requests: Vec<_> = requests.collect();
            for (what, without) in without_one(statement) {
                let mut changed = document.clone();
                let list = changed["Statement"].as_array_mut().unwrap();
                match without {
                    Some(statement) => list[place] = statement,
                    None => {
                        list.remove(place);
                    }
                }
                let mut identity = documents.clone();
                identity[at] = written(&changed.to_string(), Kind::Identity);
                let policies = access.policies(identity);
                let mut all = requests.iter();
                if all.all(|it| it.decided_by(&policies) == Decision::Allowed) {
                    superfluous.push(format!(
                        "{}: {what} in `{}` of {} can go",
                        access.actor, statement["Sid"], policy.name
                    ));
                }
            }
        }
    }
    superfluous
}

/// Returns a statement without each of its elements in turn; `None` where nothing is left of it.
fn without_one(statement: &Value) -> Vec<(String, Option<Value>)> {
    let mut changed = Vec::new();
    for part in ["Action", "Resource"] {
        let all = texts(&statement[part]);
        for text in &all {
            let rest: Vec<&String> = all.iter().filter(|it| *it != text).collect();
            let without = (!rest.is_empty()).then(|| {
                let mut without = statement.clone();
                without[part] = json!(rest);
                without
            });
            changed.push((text.clone(), without));
        }
    }
    for (operator, key) in comparisons(statement) {
        let all = texts(&statement["Condition"][&operator][&key]);
        if all.len() < 2 {
            continue;
        }
        for text in &all {
            let rest: Vec<&String> = all.iter().filter(|it| *it != text).collect();
            let mut without = statement.clone();
            without["Condition"][&operator][&key] = json!(rest);
            changed.push((format!("{operator} {key} {text}"), Some(without)));
        }
    }
    changed
}

/// Returns how many conditions there are, and those without which nothing more is allowed.
pub(crate) fn conditions(access: &Access<'_>) -> (usize, Vec<String>) {
    let mut own = atoms(access.profile, &access.settings, Catalog::builtin()).unwrap();
    own.list.retain(|it| !it.action.starts_with("sts:Assume"));
    let hull = hull(&own.list);
    let analysis = Analysis::new(Catalog::builtin());
    let mut looked_at = 0;
    let mut superfluous = Vec::new();
    for policy in &access.identity {
        for sentence in &policy.statements {
            let statement = &sentence.statement;
            for (operator, key) in comparisons(statement) {
                looked_at += 1;
                let mut changed = statement.clone();
                let block = changed["Condition"].as_object_mut().unwrap();
                let keys = block[&operator].as_object_mut().unwrap();
                keys.remove(&key);
                if keys.is_empty() {
                    block.remove(&operator);
                }
                let policy_text = json!({"Version": "2012-10-17", "Statement": [changed]});
                let without = [written(&policy_text.to_string(), Kind::Identity)];
                let found = analysis.find_excess(&[&without], &[&hull]);
                if !matches!(found, Found::Request(_)) {
                    superfluous.push(format!(
                        "{operator} {key} in `{}` of {}: {found:?}",
                        statement["Sid"], policy.name
                    ));
                }
            }
        }
    }
    (looked_at, superfluous)
}

/// Returns a boundary without each of its Denys in turn, with the `Sid` of that.
pub(crate) fn without_denies(policy: &Policy) -> Vec<(String, Document)> {
    let statements = &policy.statements;
    let denies = statements
        .iter()
        .filter(|it| it.statement["Effect"] == "Deny");
    denies
        .map(|deny| {
            let rest = statements.iter().filter(|it| *it != deny);
            let rest: Vec<&Value> = rest.map(|it| &it.statement).collect();
            let document = json!({"Version": "2012-10-17", "Statement": rest});
            let sid = deny.statement["Sid"].to_string();
            (sid, written(&document.to_string(), Kind::Boundary))
        })
        .collect()
}

/// Looks for a request that a document allows outside the regions of what the vendor makes.
pub(crate) fn beyond(
    profile: &rolecall::profile::Profile,
    generated: &Generated,
    document: &Document,
) -> Found {
    let made = generated.bundle.vendor_made.iter();
    let mut needed = Vec::new();
    for entity in made {
        let settings = Settings {
            actors: vec![entity.actor.clone()],
            ..generated.settings.clone()
        };
        needed.extend(atoms(profile, &settings, Catalog::builtin()).unwrap().list);
    }
    // What somebody who carries the boundary needs, on anything and with any tags, but in the
    // regions: so an excess is an action that nobody needs there.
    let mut statements = Vec::new();
    for atom in &needed {
        let mut statement = json!({
            "Effect": "Allow",
            "Action": atom.action,
            "Resource": "*",
        });
        for (comparison, values) in &atom.conditions {
            if comparison.key == "aws:RequestedRegion" {
                statement["Condition"] = json!({comparison.operator: {&comparison.key: values}});
            }
        }
        if statement["Condition"].is_null() {
            let regions = generated.settings.variables.get("region").cloned();
            let default = || profile.variable("region")?.default.clone();
            let regions = regions.or_else(default).unwrap_or_default();
            let mut global = statement.clone();
            global["Resource"] = json!(atom.resource);
            statements.push(global);
            statement["Condition"] = json!({"StringEquals": {"aws:RequestedRegion": regions}});
        }
        statements.push(statement);
    }
    let hull = json!({"Version": "2012-10-17", "Statement": statements});
    let hull = [written(&hull.to_string(), Kind::Identity)];
    let needed: Vec<String> = needed.into_iter().map(|it| it.action).collect();
    let family = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": needed, "Resource": "*",
    }]});
    let family = [written(&family.to_string(), Kind::Identity)];
    let document = [document.clone()];
    let analysis = Analysis::new(Catalog::builtin());
    analysis.find_excess(&[&document, &family], &[&hull])
}

fn comparisons(statement: &Value) -> Vec<(String, String)> {
    let blocks = statement["Condition"].as_object().into_iter().flatten();
    blocks
        .flat_map(|(operator, keys)| {
            let keys = keys.as_object().unwrap().keys();
            keys.map(move |key| (operator.clone(), key.clone()))
        })
        .collect()
}

pub(crate) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(many) => many.iter().map(|it| it.as_str().unwrap().into()).collect(),
        _ => Vec::new(),
    }
}
