//! What an object costs in trust: what whoever holds it can do, and how it ends.

use serde_json::Value;

use crate::plan::{Object, Plan, What};

/// Returns what an object costs in trust, in one line.
pub(super) fn cost(plan: &Plan, object: &Object) -> String {
    match &object.what {
        // AWS Organizations User Guide, "Accessing member accounts in your organization".
        What::Account(it) => format!(
            "AWS makes the role `{}` in it with `AdministratorAccess`, which whoever may assume it \
             from the management account can use; it stays. Closing an account is final",
            it.role
        ),
        What::Policy(it) if is_boundary(plan, &it.arn) => {
            "none: it allows nothing by itself, and holds down whoever carries it".to_owned()
        }
        What::Policy(it) => match services(&it.document) {
            some if some.is_empty() => "none: it allows nothing".to_owned(),
            some => format!("nothing until it is attached; then {}", some.join(", ")),
        },
        What::User(it) => format!(
            "whoever has an access key of it acts as the vendor, from anywhere, until the key is \
             deleted{}",
            bounded(it.boundary.as_ref())
        ),
        What::Role(it) => format!(
            "{} can act as this role, for as long as it is there{}",
            trusted(&it.trust),
            bounded(it.boundary.as_ref())
        ),
        What::Attachment(_) => String::new(),
        What::AccessKey(_) => {
            "a long-lived secret, shown once and known to the vendor: to take the \
                               access back, delete the key"
                .to_owned()
        }
    }
}

/// Whether a policy is a boundary: of somebody in the plan, or of those whom the vendor makes, and so
/// attached to nobody.
pub(super) fn is_boundary(plan: &Plan, arn: &str) -> bool {
    !plan
        .objects
        .iter()
        .any(|it| matches!(&it.what, What::Attachment(it) if it.policy == arn))
}

fn bounded(boundary: Option<&String>) -> &'static str {
    match boundary {
        Some(_) => ", within its permissions boundary",
        None => ", WITHOUT a permissions boundary",
    }
}

/// Returns the services whose actions a document allows, with how many actions it names.
fn services(document: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let mut counts: Vec<(String, usize)> = Vec::new();
    let mut is_all = false;
    for statement in values(&document["Statement"]) {
        if statement["Effect"].as_str() != Some("Allow") {
            continue;
        }
        is_all |= statement.get("NotAction").is_some();
        for action in values(&statement["Action"])
            .into_iter()
            .filter_map(Value::as_str)
        {
            let Some((service, name)) = action.split_once(':') else {
                is_all = true;
                continue;
            };
            // A pattern is not one action: what it takes in is said by the gate.
            let word = match name {
                "*" => format!("EVERY ACTION of {service}"),
                _ => service.to_owned(),
            };
            match counts.iter_mut().find(|(known, _)| *known == word) {
                Some((_, count)) => *count += 1,
                None => counts.push((word, 1)),
            }
        }
    }
    if is_all {
        return vec!["ACTIONS OF EVERY SERVICE".to_owned()];
    }
    counts.sort();
    let one = |(service, count): (String, usize)| match count {
        _ if service.starts_with("EVERY") => service,
        1 => format!("1 action of {service}"),
        count => format!("{count} actions of {service}"),
    };
    counts.into_iter().map(one).collect()
}

/// Returns who a role trust policy lets in, in words.
fn trusted(trust: &str) -> String {
    let document: Value = serde_json::from_str(trust).unwrap_or_default();
    let mut found: Vec<String> = Vec::new();
    for statement in values(&document["Statement"]) {
        if statement["Effect"].as_str() != Some("Allow") {
            continue;
        }
        let principal = &statement["Principal"];
        let own = principal.as_object().into_iter().flatten();
        let names = own.flat_map(|(_, it)| values(it)).filter_map(Value::as_str);
        let names = names.chain(principal.as_str());
        let under = match external_id(statement) {
            Some(id) => format!(" with the external ID `{id}`"),
            None => String::new(),
        };
        for name in names {
            let words = format!("{name}{under}");
            if !found.contains(&words) {
                found.push(words);
            }
        }
    }
    match found.is_empty() {
        true => "nobody".to_owned(),
        false => found.join(" and "),
    }
}

fn external_id(statement: &Value) -> Option<String> {
    let operators = statement["Condition"].as_object()?;
    let mut keys = operators.values().filter_map(Value::as_object).flatten();
    let (_, id) = keys.find(|(key, _)| key.eq_ignore_ascii_case("sts:ExternalId"))?;
    let ids: Vec<&str> = values(id).into_iter().filter_map(Value::as_str).collect();
    Some(ids.join("` or `"))
}

fn values(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}
