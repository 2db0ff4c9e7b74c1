//! Requests, conditions and lists in words, and as JSON: the same in every subcommand that reasons
//! about all requests.

use serde_json::{Value, json};

use super::deciding::{list, principal_text};
use crate::analyze::{Doubt, DoubtReason, FACTS, Witness};
use crate::evaluate::{Principal, Request};
use crate::policy::{Comparison, Condition, Kind, Operand, Quantifier, Statement, Test};

/// Reads the value of `--kind`.
pub(super) fn kind(text: &str) -> Result<Kind, String> {
    Kind::parse(text).ok_or_else(|| {
        let names: Vec<&str> = Kind::ALL.iter().map(|it| it.as_str()).collect();
        format!("there is no such kind: known are {}", names.join(", "))
    })
}

/// A request as JSON.
pub(super) fn witness_json(found: &Witness) -> Value {
    request_json(&found.request)
}

/// A request as JSON.
pub(super) fn request_json(request: &Request) -> Value {
    let context: serde_json::Map<_, _> = request
        .context
        .entries()
        .iter()
        .map(|entry| {
            let value = match (entry.multivalued, entry.values.as_slice()) {
                (false, [only]) => json!(only),
                (_, values) => json!(values),
            };
            (entry.key.to_string(), value)
        })
        .collect();
    json!({
        "action": request.action.text,
        "resource": request.resource,
        "principal": request.principal.text(),
        "context": context,
    })
}

/// A request in words, without its caller.
pub(super) fn request(request: &Request) -> String {
    let mut text = format!("`{}`", request.action.text);
    if let Some(resource) = &request.resource {
        text.push_str(&format!(" on `{resource}`"));
    }
    let context: Vec<String> = request
        .context
        .entries()
        .iter()
        .filter(|it| !it.values.is_empty())
        .map(|it| format!("`{}` = `{}`", it.key, it.values.join("`, `")))
        .collect();
    if !context.is_empty() {
        text.push_str(&format!(" with {}", context.join(", ")));
    }
    text
}

/// A request in words, with who makes it where that matters.
pub(super) fn request_of_caller(of: &Request) -> String {
    match &of.principal {
        Principal::Simulated(_) => request(of),
        Principal::Anonymous => format!("{}, without a signature", request(of)),
        _ => format!("{} by `{}`", request(of), principal_text(of)),
    }
}

/// At most a few names, and how many more there are.
pub(super) fn some<T: AsRef<str>>(names: &[T]) -> String {
    const SHOWN: usize = 3;
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.len() {
        0..=SHOWN => list(&names),
        count => format!("`{}`, `{}` and {} more", names[0], names[1], count - 2),
    }
}

/// The conditions of a statement in words; nothing where it has none.
pub(super) fn conditions(statement: &Statement) -> String {
    let parts: Vec<String> = statement.conditions.iter().map(condition).collect();
    parts.join(" and ")
}

/// One condition in words.
pub(super) fn condition(condition: &Condition) -> String {
    let key = format!("`{}`", condition.key_text.text);
    let values: Vec<&str> = condition
        .values
        .iter()
        .map(|it| it.template.text())
        .collect();
    let Some(operator) = condition.operator else {
        return format!("{key} {} {}", condition.operator_text.text, some(&values));
    };
    if operator.test == Test::Null {
        let absent = condition
            .values
            .iter()
            .any(|it| it.operand == Operand::Truth(true));
        return format!("{key} is {}", if absent { "absent" } else { "present" });
    }
    let verb = match (operator.test, operator.negated) {
        (Test::StringEquals | Test::Bool | Test::Binary, false) => "is",
        (Test::StringEquals | Test::Bool | Test::Binary, true) => "is not",
        (Test::StringEqualsIgnoreCase, false) => "is, in any letter case,",
        (Test::StringEqualsIgnoreCase, true) => "is not, in any letter case,",
        (Test::StringLike | Test::Arn, false) => "is like",
        (Test::StringLike | Test::Arn, true) => "is not like",
        (Test::IpAddress, false) => "is in",
        (Test::IpAddress, true) => "is not in",
        (Test::Numeric(it) | Test::Date(it), negated) => match (it, negated) {
            (Comparison::Equal, false) => "is",
            (Comparison::Equal, true) => "is not",
            (Comparison::Less, _) => "is less than",
            (Comparison::LessOrEqual, _) => "is at most",
            (Comparison::Greater, _) => "is more than",
            (Comparison::GreaterOrEqual, _) => "is at least",
        },
        (Test::Null, _) => "is",
    };
    let subject = match operator.quantifier {
        Some(Quantifier::ForAllValues) => format!("every value of {key}, if it has any,"),
        Some(Quantifier::ForAnyValue) => format!("some value of {key}"),
        None => key,
    };
    let if_exists = if operator.if_exists {
        ", or it is absent"
    } else {
        ""
    };
    let values = some(&values).replace(" and `", " or `");
    format!("{subject} {verb} {values}{if_exists}")
}

/// Why a question stays open, for people.
pub(super) fn doubt(doubt: &Doubt) -> String {
    let why = match doubt.reason {
        DoubtReason::Budget => "too large to be searched through",
        DoubtReason::RelationalTemplate => "a policy variable ties keys together",
        DoubtReason::MultivaluedVariable => "a policy variable stands beside several values",
        DoubtReason::MixedKeyType => "one key is compared by operators of different types",
        DoubtReason::CaseMapping => "a letter case depends on its neighbours",
        DoubtReason::MalformedOperand => "AWS's answer to a malformed value is not known",
        DoubtReason::UnsupportedOperator => "AWS does not define an operator",
        DoubtReason::Document => "a document is refused",
        DoubtReason::Unmodelled => "a rule or fact that was not given decides",
        DoubtReason::Internal => "an error of rolecall: please report it",
    };
    format!("{why}: {}", doubt.detail)
}

/// What was not decided, as JSON.
pub(super) fn doubts_json<'a>(doubts: impl IntoIterator<Item = &'a Doubt>) -> Vec<Value> {
    let doubts = doubts.into_iter();
    doubts
        .map(|it| json!({ "reason": it.reason.as_str(), "detail": it.detail }))
        .collect()
}

/// The conditions of a statement as JSON.
pub(super) fn conditions_json(statement: &Statement) -> Vec<Value> {
    statement.conditions.iter().map(condition_json).collect()
}

/// One condition as JSON.
pub(super) fn condition_json(condition: &Condition) -> Value {
    let values: Vec<&str> = condition
        .values
        .iter()
        .map(|it| it.template.text())
        .collect();
    json!({
        "operator": condition.operator_text.text,
        "key": condition.key_text.text,
        "values": values,
    })
}

/// The assumptions that a verdict may rest on, as JSON.
pub(super) fn facts_json() -> Vec<Value> {
    FACTS
        .iter()
        .map(|(name, text)| json!({ "name": name, "text": text }))
        .collect()
}

/// The same as lines of text.
pub(super) fn print_facts(out: &mut String) {
    out.push_str("this rests on what AWS documents (`--pure` leaves it out):\n");
    for (_, text) in FACTS {
        out.push_str(&format!("- {text}\n"));
    }
}
