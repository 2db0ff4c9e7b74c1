//! Documents of our own making: families of requests, written as the policies that allow them.

use serde_json::{Map, Value, json};

use crate::json;
use crate::policy::{Document, Kind, lower};

/// Operator, key and values of a condition.
pub type Wanted = (String, String, Vec<String>);

/// Returns the requests of these actions on these resources under these conditions, as a document
/// that allows them. Texts are patterns as in policies; variables in them are plain text.
#[must_use]
pub fn family(actions: &[String], resources: &[String], conditions: &[Wanted]) -> Document {
    let statement = json!({
        "Effect": "Allow",
        "Action": actions,
        "Resource": resources,
        "Condition": block(conditions),
    });
    document(&json!({ "Statement": [statement] }), Kind::Identity)
}

/// A `Condition` element. Conditions of one operator on one key are an OR of their values, so
/// callers do not repeat a pair.
fn block(conditions: &[Wanted]) -> Value {
    let mut block = Map::new();
    for (operator, key, values) in conditions {
        let entry = block.entry(operator.clone()).or_insert_with(|| json!({}));
        entry[key] = json!(values);
    }
    Value::Object(block)
}

/// Lowers a document that was written here.
pub(super) fn document(value: &Value, kind: Kind) -> Document {
    let text = value.to_string();
    match json::parse(&text) {
        Ok(parsed) => lower(parsed.tree.root(), kind),
        // What serde_json writes is JSON; a document without statements allows nothing.
        Err(_) => Document::empty(kind),
    }
}
