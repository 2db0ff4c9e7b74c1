//! What differs between an object as it is wanted and as it is there.
//!
//! Documents are compared as values, not as text: white space, the order of keys, of statements and
//! of values in a list are no difference, nor is a single value in a list of its own (IAM User Guide,
//! "IAM JSON policy elements reference"). Everything else is, so what is adopted is exactly what
//! would have been made.

use serde_json::Value;

use super::{Difference, What};

/// Returns what differs; nothing if the object that is there is what is wanted, and may be adopted.
#[must_use]
pub fn differences(wanted: &What, there: &What) -> Vec<Difference> {
    let mut found = Found::default();
    match (wanted, there) {
        (What::Account(wanted), What::Account(there)) => {
            found.text("name", &there.name, &wanted.name);
            // AWS keeps an address as it was typed, and tells none apart by case.
            if !there.email.eq_ignore_ascii_case(&wanted.email) {
                found.text("e-mail address", &there.email, &wanted.email);
            }
            // Nobody outside the account can read the name of the role.
            if let (Some(there), Some(wanted)) = (&there.id, &wanted.id) {
                found.text("id", there, wanted);
            }
        }
        (What::Policy(wanted), What::Policy(there)) => {
            found.text("ARN", &there.arn, &wanted.arn);
            found.text("description", &there.description, &wanted.description);
            found.document("document", &there.document, &wanted.document);
            found.tags(&there.tags, &wanted.tags);
        }
        (What::User(wanted), What::User(there)) => {
            found.text("ARN", &there.arn, &wanted.arn);
            found.boundary(there.boundary.as_ref(), wanted.boundary.as_ref());
            found.tags(&there.tags, &wanted.tags);
        }
        (What::Role(wanted), What::Role(there)) => {
            found.text("ARN", &there.arn, &wanted.arn);
            found.text("description", &there.description, &wanted.description);
            found.document("trust policy", &there.trust, &wanted.trust);
            found.boundary(there.boundary.as_ref(), wanted.boundary.as_ref());
            found.tags(&there.tags, &wanted.tags);
        }
        (What::Attachment(wanted), What::Attachment(there)) => {
            found.text("user or role", &there.entity, &wanted.entity);
            found.text("policy", &there.policy, &wanted.policy);
        }
        // A key whose secret nobody here has is of no use, and may be somebody else's.
        (What::AccessKey(wanted), What::AccessKey(there)) => {
            let other = there.ids.iter().filter(|it| !wanted.ids.contains(it));
            for id in other {
                found.text("access key", id, "");
            }
            let lost = wanted.ids.iter().filter(|it| !there.ids.contains(it));
            for id in lost {
                found.text("access key", "", id);
            }
        }
        (wanted, there) => found.text("kind of object", there.kind(), wanted.kind()),
    }
    found.0
}

#[derive(Default)]
struct Found(Vec<Difference>);

impl Found {
    fn text(&mut self, of: &str, there: &str, wanted: &str) {
        if there != wanted {
            self.0.push(Difference {
                of: of.to_owned(),
                there: there.to_owned(),
                wanted: wanted.to_owned(),
            });
        }
    }

    fn boundary(&mut self, there: Option<&String>, wanted: Option<&String>) {
        let text = |it: Option<&String>| it.cloned().unwrap_or_default();
        self.text("permissions boundary", &text(there), &text(wanted));
    }

    fn tags(&mut self, there: &[(String, String)], wanted: &[(String, String)]) {
        let value = |tags: &[(String, String)], key: &str| {
            let found = tags.iter().find(|(known, _)| known == key);
            found.map(|(_, value)| value.clone())
        };
        let mut keys: Vec<&String> = there.iter().chain(wanted).map(|(key, _)| key).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            let (there, wanted) = (value(there, key), value(wanted, key));
            if there != wanted {
                // An empty value is a value: it is told from a tag that is not there.
                let text = |it: Option<String>| match it {
                    Some(value) if value.is_empty() => "\"\"".to_owned(),
                    it => it.unwrap_or_default(),
                };
                self.text(&format!("tag {key}"), &text(there), &text(wanted));
            }
        }
    }

    fn document(&mut self, of: &str, there: &str, wanted: &str) {
        let parsed: (Result<Value, _>, Result<Value, _>) =
            (serde_json::from_str(there), serde_json::from_str(wanted));
        let (Ok(there_value), Ok(wanted_value)) = parsed else {
            self.text(of, there.trim(), wanted.trim());
            return;
        };
        // `serde_json` keeps the last of two equal keys: what is said twice is compared as text.
        if repeats_a_key(there) || repeats_a_key(wanted) {
            self.text(of, there.trim(), wanted.trim());
            return;
        }
        for key in ["Version", "Id"] {
            let text = |it: &Value| it[key].as_str().unwrap_or_default().to_owned();
            let (there, wanted) = (text(&there_value), text(&wanted_value));
            self.text(&format!("{of}, {key}"), &there, &wanted);
        }
        let mut there = statements(&there_value);
        let mut missing = Vec::new();
        for statement in statements(&wanted_value) {
            match there.iter().position(|it| *it == statement) {
                Some(at) => drop(there.remove(at)),
                None => missing.push(statement),
            }
        }
        for wanted in missing {
            let same = there.iter().position(|it| sid(it) == sid(&wanted));
            match same.filter(|_| !sid(&wanted).is_empty()) {
                Some(at) => self.statement(of, &there.remove(at), &wanted),
                None => self.text(&named(of, &wanted), "", &wanted.to_string()),
            }
        }
        for other in there {
            self.text(&named(of, &other), &other.to_string(), "");
        }
    }

    /// Compares two statements of one `Sid`, element by element; of lists, what only one has.
    fn statement(&mut self, of: &str, there: &Value, wanted: &Value) {
        let keys = |it: &Value| -> Vec<String> {
            let object = it.as_object();
            object
                .into_iter()
                .flat_map(|it| it.keys().cloned())
                .collect()
        };
        let mut all = keys(there);
        all.extend(keys(wanted));
        all.sort();
        all.dedup();
        for key in all {
            let of = format!("{}, {key}", named(of, wanted));
            let (there, wanted) = (&there[&key], &wanted[&key]);
            match (there, wanted) {
                (Value::Array(there), Value::Array(wanted)) => {
                    self.text(&of, &only(there, wanted), &only(wanted, there));
                }
                _ if there != wanted => self.text(&of, &words(there), &words(wanted)),
                _ => {}
            }
        }
    }
}

/// Returns the values that the other list does not have.
fn only(list: &[Value], other: &[Value]) -> String {
    let own = list.iter().filter(|it| !other.contains(it));
    let own: Vec<String> = own.map(words).collect();
    own.join(", ")
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn sid(statement: &Value) -> &str {
    statement["Sid"].as_str().unwrap_or_default()
}

fn named(of: &str, statement: &Value) -> String {
    match sid(statement) {
        "" => format!("{of}, a statement without `Sid`"),
        sid => format!("{of}, statement `{sid}`"),
    }
}

fn statements(document: &Value) -> Vec<Value> {
    match &document["Statement"] {
        Value::Array(list) => list.iter().map(|it| plain(it, true)).collect(),
        Value::Null => Vec::new(),
        one => vec![plain(one, true)],
    }
}

/// Returns a value in one form: lists sorted, and single values of elements and keys as lists.
///
/// `Effect` and `Sid` take no lists; `Principal` and `Condition` hold objects whose values do.
fn plain(value: &Value, is_statement: bool) -> Value {
    match value {
        Value::Object(object) => {
            let entries = object.iter().map(|(key, it)| {
                let is_text = is_statement && matches!(key.as_str(), "Effect" | "Sid");
                let it = match it {
                    Value::Object(_) => plain(it, false),
                    _ if is_text => it.clone(),
                    Value::Array(_) => plain(it, false),
                    one => plain(&Value::Array(vec![one.clone()]), false),
                };
                (key.clone(), it)
            });
            Value::Object(entries.collect())
        }
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(text).collect();
            list.sort_by_cached_key(ToString::to_string);
            list.dedup();
            Value::Array(list)
        }
        other => text(other),
    }
}

/// IAM takes `true` and `"true"` for the same in a condition (IAM User Guide, "IAM JSON policy
/// elements: Condition operators").
fn text(value: &Value) -> Value {
    match value {
        Value::Bool(it) => Value::String(it.to_string()),
        Value::Number(it) => Value::String(it.to_string()),
        other => other.clone(),
    }
}

fn repeats_a_key(text: &str) -> bool {
    let Ok(parsed) = crate::json::parse(text) else {
        return true;
    };
    let mut rest = vec![parsed.tree.root()];
    while let Some(value) = rest.pop() {
        let keys: Vec<&str> = value.members().map(|it| it.key).collect();
        let mut once = keys.clone();
        once.sort_unstable();
        once.dedup();
        if once.len() < keys.len() {
            return true;
        }
        rest.extend(value.members().map(|it| it.value));
        rest.extend(value.elements());
    }
    false
}
