//! Families of requests, written as policy documents for the engine.

use serde_json::{Map, Value, json};

use crate::json;
use crate::pattern;
use crate::policy::{Document, Kind, lower};

/// Requests of some actions on some resources, with what is known of their context.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Family {
    actions: Vec<String>,
    resources: Vec<String>,
    except_resources: Vec<String>,
    except_actions: Vec<String>,
    /// These actions, on these resources.
    except: Vec<(Vec<String>, Vec<String>)>,
    conditions: Vec<Condition>,
    /// The context is one of these; empty: it has no more conditions.
    variants: Vec<Vec<Condition>>,
}

/// An operator, a key, and values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Condition {
    pub(super) operator: &'static str,
    pub(super) key: String,
    pub(super) values: Vec<String>,
}

impl Condition {
    pub(super) fn new<S: AsRef<str>>(operator: &'static str, key: &str, values: &[S]) -> Self {
        Self {
            operator,
            key: key.to_owned(),
            values: values.iter().map(|it| it.as_ref().to_owned()).collect(),
        }
    }

    /// The request lacks the key.
    pub(super) fn absent(key: &str) -> Self {
        Self::new("Null", key, &["true"])
    }

    /// The key has one of these values.
    pub(super) fn is<S: AsRef<str>>(key: &str, values: &[S]) -> Self {
        Self::new("StringEquals", key, values)
    }
}

impl Family {
    pub(super) fn new<S: AsRef<str>>(actions: &[S]) -> Self {
        Self {
            actions: actions.iter().map(|it| it.as_ref().to_owned()).collect(),
            resources: vec!["*".into()],
            except_resources: Vec::new(),
            except_actions: Vec::new(),
            except: Vec::new(),
            conditions: Vec::new(),
            variants: Vec::new(),
        }
    }

    /// On these resources only.
    pub(super) fn on<S: AsRef<str>>(mut self, resources: &[S]) -> Self {
        self.resources = resources.iter().map(|it| it.as_ref().to_owned()).collect();
        self
    }

    /// Not on these.
    pub(super) fn not_on<S: AsRef<str>>(mut self, resources: &[S]) -> Self {
        let more = resources.iter().map(|it| it.as_ref().to_owned());
        self.except_resources.extend(more);
        self
    }

    /// Not these actions.
    pub(super) fn without<S: AsRef<str>>(mut self, actions: &[S]) -> Self {
        let more = actions.iter().map(|it| it.as_ref().to_owned());
        self.except_actions.extend(more);
        self
    }

    /// Not these actions on these resources.
    pub(super) fn except<S: AsRef<str>>(mut self, actions: &[S], resources: &[String]) -> Self {
        let actions = actions.iter().map(|it| it.as_ref().to_owned()).collect();
        self.except.push((actions, resources.to_vec()));
        self
    }

    pub(super) fn when(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    pub(super) fn when_all(mut self, conditions: impl IntoIterator<Item = Condition>) -> Self {
        self.conditions.extend(conditions);
        self
    }

    /// In one of these contexts.
    pub(super) fn in_one_of(mut self, variants: Vec<Vec<Condition>>) -> Self {
        self.variants = variants;
        self
    }

    /// Whether a request of the family can have one of these actions.
    pub(super) fn names_any(&self, actions: &[String]) -> bool {
        let wild = |text: &str| text.contains(['*', '?']);
        let service = |text: &str| text.split(':').next().unwrap_or_default().to_lowercase();
        self.actions.iter().any(|own| {
            actions.iter().any(|other| match (wild(own), wild(other)) {
                (false, false) => own.eq_ignore_ascii_case(other),
                (false, true) => pattern::matches_folded(other, &own.to_ascii_lowercase()),
                (true, false) => pattern::matches_folded(own, &other.to_ascii_lowercase()),
                // Two patterns of one service may have an action in common.
                (true, true) => {
                    wild(&service(own)) || wild(&service(other)) || service(own) == service(other)
                }
            })
        })
    }

    pub(super) fn actions(&self) -> &[String] {
        &self.actions
    }

    pub(super) fn resources(&self) -> &[String] {
        &self.resources
    }

    /// The contexts of the family: what holds in each.
    pub(super) fn contexts(&self) -> Vec<Vec<&Condition>> {
        if self.variants.is_empty() {
            return vec![self.conditions.iter().collect()];
        }
        let variants = self.variants.iter();
        variants
            .map(|variant| self.conditions.iter().chain(variant).collect())
            .collect()
    }

    /// The family as the text of a policy.
    pub(super) fn text(&self) -> String {
        let allow = |more: &[Condition]| {
            let mut statement = json!({
                "Effect": "Allow",
                "Action": self.actions,
                "Resource": self.resources,
            });
            if !self.conditions.is_empty() || !more.is_empty() {
                let all = self.conditions.iter().chain(more);
                statement["Condition"] = conditions(all);
            }
            statement
        };
        let mut statements: Vec<Value> = if self.variants.is_empty() {
            vec![allow(&[])]
        } else {
            self.variants.iter().map(|it| allow(it)).collect()
        };
        let deny = |actions: Value, resources: Value| json!({"Effect": "Deny", "Action": actions, "Resource": resources});
        if !self.except_resources.is_empty() {
            statements.push(deny(json!("*"), json!(self.except_resources)));
        }
        if !self.except_actions.is_empty() {
            statements.push(deny(json!(self.except_actions), json!("*")));
        }
        for (actions, resources) in &self.except {
            statements.push(deny(json!(actions), json!(resources)));
        }
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    }
}

fn conditions<'a>(all: impl Iterator<Item = &'a Condition>) -> Value {
    let mut operators: Map<String, Value> = Map::new();
    for condition in all {
        let block = operators
            .entry(condition.operator)
            .or_insert_with(|| json!({}));
        // INVARIANT: one operator has a key once; families are built so.
        block[&condition.key] = json!(condition.values);
    }
    Value::Object(operators)
}

/// Returns the document of a text of our own making; one without statements if it is none.
pub(super) fn document(text: &str, kind: Kind) -> Document {
    match json::parse(text) {
        Ok(parsed) => lower(parsed.tree.root(), kind),
        Err(_) => Document::empty(kind),
    }
}

/// Everything, for everyone: what a document of the actor's choice may say.
pub(super) fn everything() -> Document {
    let text = json!({
        "Version": "2012-10-17",
        "Statement": [{"Sid": "WrittenOnTheWay", "Effect": "Allow", "Action": "*", "Resource": "*"}],
    });
    document(&text.to_string(), Kind::Identity)
}

/// A trust policy that admits these principals; `{"AWS": "*"}` is everyone.
pub(super) fn trust(principal: &Value) -> Document {
    let text = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": principal,
            "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        }],
    });
    document(&text.to_string(), Kind::Trust)
}

/// A policy of a resource that lets everybody do everything.
pub(super) fn open_resource() -> Document {
    let text = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*"}],
    });
    document(&text.to_string(), Kind::Resource)
}

/// AWS Key Management Service Developer Guide, "Default key policy".
pub(super) fn default_key_policy(partition: &str, account: &str) -> Document {
    let text = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:{partition}:iam::{account}:root")},
            "Action": "kms:*",
            "Resource": "*",
        }],
    });
    document(&text.to_string(), Kind::Resource)
}
