//! Atoms: what a profile needs, as the narrowest grants that AWS can tell apart.
//!
//! Every call of a requirement, on each of its resources, gives one atom: an action, a resource
//! pattern, and every fixed context value that AWS can test. What the atoms allow together is the
//! *hull* of the profile: nothing outside it may be allowed. Fixed values that are not tested are
//! listed by [`Untested`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::name::{is_read, is_tagging};
use super::trust;
use crate::arn::Arn;
use crate::catalog::{Catalog, KeyType};
use crate::check::{Asked, readings_of};
use crate::evaluate::{Action, Decision, Lookup, Policies, Principal, Request, decide};
use crate::policy::{Document, Kind, written};
use crate::profile::{Call, CallResource, ContextValue, Profile, SettingError, Settings};

/// How one condition compares: operator and key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Comparison {
    /// The condition operator.
    pub operator: &'static str,
    /// The condition key, as the Service Authorization Reference writes it.
    pub key: String,
}

/// Conditions, each with the values of which one has to be there.
pub type Conditions = BTreeMap<Comparison, BTreeSet<String>>;

/// The narrowest grant for one call on one of its resources.
#[derive(Clone, Debug)]
pub struct Atom {
    /// The action, `service:Name`.
    pub action: String,
    /// What stands in `Resource`: an ARN, a pattern, or `*` where the action has no resource type.
    pub resource: String,
    /// The type of the resource, `service:type`; none where the action has none.
    pub resource_type: Option<String>,
    /// The conditions.
    pub conditions: Conditions,
    /// The calls that it is for.
    pub sources: Vec<Source>,
    /// The requests that it has to allow: one for each way to read what AWS does not document.
    pub requests: Vec<Request>,
}

/// A call behind an atom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The id of the call: that of its requirement, for a derived call with `/` and its action.
    pub id: String,
    /// The phase's name.
    pub phase: String,
    /// The feature that switches it on.
    pub feature: String,
    /// What it is for.
    pub why: String,
}

/// A fixed value that no condition tests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Untested {
    /// The context key.
    pub key: String,
    /// Why it is not tested.
    pub reason: &'static str,
}

/// The atoms of an actor, and what they do not test.
#[derive(Clone, Debug, Default)]
pub struct Atoms {
    /// In the order of the calls, each grant once.
    pub list: Vec<Atom>,
    /// In order.
    pub untested: BTreeSet<Untested>,
}

/// Keys whose values are given by the request's tags.
const TAG_KEYS: &str = "aws:TagKeys";

const REGION: &str = "aws:RequestedRegion";

/// Returns the atoms of everything that the actors of the settings need; without any, the default
/// actor.
///
/// # Errors
///
/// Everything that is wrong with the settings.
pub fn atoms(
    profile: &Profile,
    settings: &Settings,
    catalog: &Catalog,
) -> Result<Atoms, Vec<SettingError>> {
    let mut settings = settings.clone();
    if settings.actors.is_empty() {
        settings.actors.push(profile.default_actor.clone());
    }
    let mut principals = Vec::new();
    for actor in &settings.actors {
        let text = profile.principal(actor, &settings)?.unwrap_or_default();
        let principal = Principal::parse(&text).unwrap_or(Principal::Anonymous);
        principals.push((actor.as_str(), principal));
    }
    let mut atoms = Atoms::default();
    for call in profile.calls(&settings)? {
        let found = principals.iter().find(|(name, _)| *name == call.actor);
        let (Some((_, principal)), Some(action)) = (found, Action::parse(&call.action)) else {
            continue;
        };
        let actor_keys = actor_keys(profile, &call.actor);
        let slots: Vec<Option<&CallResource>> = match call.resources.as_slice() {
            [] => vec![None],
            all => all.iter().map(Some).collect(),
        };
        for resource in slots {
            let maker = Maker {
                catalog,
                call: &call,
                resource,
                action: &action,
                principal,
                actor_keys: &actor_keys,
            };
            maker.add(&mut atoms);
        }
    }
    Ok(atoms)
}

/// Keys whose value AWS sends with one resource only: the creating call with what it creates
/// (Amazon EC2 User Guide, "Grant permission to tag Amazon EC2 resources during creation"; Elastic
/// Load Balancing User Guide, "Grant permission to tag resources during creation"), a service with
/// its own service-linked role (IAM User Guide, "Create a service-linked role"). So a list of values
/// beside a list of resources allows no more than each value with its resource.
pub(super) const TIED_KEYS: [&str; 3] = [
    "ec2:CreateAction",
    "elasticloadbalancing:CreateAction",
    "iam:AWSServiceName",
];

/// Returns the documents that allow what the atoms allow, and nothing else that can be asked for.
#[must_use]
pub fn hull<'a>(atoms: impl IntoIterator<Item = &'a Atom>) -> Vec<Document> {
    type Tied<'a> = BTreeMap<(&'a str, Conditions), (BTreeSet<&'a String>, Conditions)>;
    let mut statements: Vec<Value> = Vec::new();
    let mut tied: Tied<'a> = BTreeMap::new();
    for atom in atoms {
        let is_tied =
            |it: &Comparison| TIED_KEYS.iter().any(|key| it.key.eq_ignore_ascii_case(key));
        if !atom.conditions.keys().any(is_tied) {
            statements.push(atom.statement());
            continue;
        }
        let mut others = atom.conditions.clone();
        others.retain(|it, _| !is_tied(it));
        let (resources, conditions) = tied.entry((&atom.action, others)).or_default();
        resources.insert(&atom.resource);
        for (comparison, values) in &atom.conditions {
            let known = conditions.entry(comparison.clone()).or_default();
            known.extend(values.iter().cloned());
        }
    }
    for ((action, _), (resources, conditions)) in tied {
        statements.push(json!({
            "Effect": "Allow",
            "Action": action,
            "Resource": one_or_many(resources),
            "Condition": written_conditions(&conditions),
        }));
    }
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    vec![written(&policy.to_string(), Kind::Identity)]
}

impl Atom {
    /// Returns the statement that allows it alone.
    #[must_use]
    pub fn statement(&self) -> Value {
        let mut statement = json!({
            "Effect": "Allow",
            "Action": self.action,
            "Resource": self.resource,
        });
        let conditions = written_conditions(&self.conditions);
        if !conditions.is_empty() {
            statement["Condition"] = Value::Object(conditions);
        }
        statement
    }

    /// Returns the service prefix of the action.
    #[must_use]
    pub fn service(&self) -> &str {
        self.action.split(':').next().unwrap_or_default()
    }
}

/// Returns conditions as the `Condition` element writes them; one value stands without a list.
#[must_use]
pub(super) fn written_conditions(conditions: &Conditions) -> Map<String, Value> {
    let mut written = Map::new();
    for (comparison, values) in conditions {
        let block = written
            .entry(comparison.operator)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(block) = block.as_object_mut() {
            block.insert(comparison.key.clone(), one_or_many(values));
        }
    }
    written
}

/// Returns a list of texts, or its only text.
#[must_use]
pub(super) fn one_or_many<'a>(texts: impl IntoIterator<Item = &'a String>) -> Value {
    let mut texts: Vec<&String> = texts.into_iter().collect();
    match (texts.pop(), texts.is_empty()) {
        (Some(one), true) => json!(one),
        (last, _) => {
            texts.extend(last);
            json!(texts)
        }
    }
}

/// Returns the context keys by which an actor is known whatever it asks for.
fn actor_keys(profile: &Profile, actor: &str) -> Vec<String> {
    let actor = profile.actor(actor).into_iter();
    let keys = actor.flat_map(|it| it.context.iter().map(|(key, _)| &key.name));
    keys.map(|name| name.to_ascii_lowercase()).collect()
}

struct Maker<'a> {
    catalog: &'a Catalog,
    call: &'a Call,
    resource: Option<&'a CallResource>,
    action: &'a Action,
    principal: &'a Principal,
    actor_keys: &'a [String],
}

impl Maker<'_> {
    fn add(&self, atoms: &mut Atoms) {
        let requests: Vec<Request> = readings_of(self.resource)
            .iter()
            .map(|filled| self.request(*filled))
            .collect();
        let Some(request) = requests.first() else {
            return;
        };
        if decide(&Policies::default(), request).decision == Decision::Allowed {
            // It needs no permission.
            return;
        }
        let resource = self.resource.map_or_else(|| "*".to_owned(), pattern_of);
        let conditions = self.conditions(request, &resource, &mut atoms.untested);
        let source = Source {
            id: self.call.id.clone(),
            phase: self.call.phase.clone(),
            feature: self.call.feature.clone(),
            why: self.call.why.clone(),
        };
        let same = |it: &&mut Atom| {
            it.action == self.call.action && it.resource == resource && it.conditions == conditions
        };
        match atoms.list.iter_mut().find(same) {
            Some(known) => {
                if !known.sources.contains(&source) {
                    known.sources.push(source);
                }
                known.requests.extend(requests);
            }
            None => atoms.list.push(Atom {
                action: self.call.action.clone(),
                resource,
                resource_type: self.resource.map(|it| it.resource_type.clone()),
                conditions,
                sources: vec![source],
                requests,
            }),
        }
    }

    fn request(&self, filled: bool) -> Request {
        let asked = Asked {
            action: self.action,
            call: self.call,
            resource: self.resource,
            principal: self.principal,
            filled,
        };
        asked.request(self.catalog)
    }

    /// Returns what can be tested of what is fixed.
    fn conditions(
        &self,
        request: &Request,
        resource: &str,
        untested: &mut BTreeSet<Untested>,
    ) -> Conditions {
        let own = self.resource.map_or(&[][..], |it| &it.context);
        let mut fixed: BTreeMap<String, (&str, &ContextValue)> = BTreeMap::new();
        for (key, value) in self.call.context.iter().chain(own) {
            fixed.insert(key.to_ascii_lowercase(), (key, value));
        }
        let mut conditions = Conditions::new();
        for (folded, (key, value)) in &fixed {
            if !matches!(request.context.get(folded, key), Lookup::Present(_)) {
                continue;
            }
            let skipped = match trust::decides(&self.call.action) {
                true => !trust::tests(folded),
                false => self.actor_keys.contains(folded),
            };
            if skipped {
                continue;
            }
            if let Some(reason) = self.untested(folded, value, &fixed, resource) {
                untested.insert(Untested {
                    key: (*key).to_owned(),
                    reason,
                });
                continue;
            }
            self.test(key, value, &mut conditions);
        }
        // A tag that has to be in the request says already that there is one.
        if conditions
            .keys()
            .any(|it| it.key.to_ascii_lowercase().starts_with("aws:requesttag/"))
        {
            conditions.retain(|it, _| !(it.operator == "Null" && it.key == TAG_KEYS));
        }
        conditions
    }

    /// Returns why a fixed value is not tested; none where it is.
    fn untested(
        &self,
        folded: &str,
        value: &ContextValue,
        fixed: &BTreeMap<String, (&str, &ContextValue)>,
        resource: &str,
    ) -> Option<&'static str> {
        let service = self.action.service();
        if folded == "iam:permissionsboundary" && is_read(&self.call.action, self.catalog) {
            return Some("for reading, the IAM User Guide does not name the key");
        }
        if folded == REGION.to_ascii_lowercase() {
            if crate::profile::GLOBAL_SERVICES.contains(&service) {
                return Some("the service is global");
            }
            let region = Arn::parse(resource).map(|it| it.region);
            return region
                .is_some_and(|it| !it.is_empty() && !it.contains('*'))
                .then_some("the resource's ARN names the region");
        }
        if folded == TAG_KEYS.to_ascii_lowercase() && !self.marks_what_exists() {
            return Some("further tags on what the request creates are its own affair");
        }
        if let Some(at) = folded.find("resourcetag/") {
            let tag = &folded[at + "resourcetag/".len()..];
            let sent = format!("aws:requesttag/{tag}");
            let is_created = self.resource.is_some_and(|it| it.created);
            // Tagging by itself must not reach what is there without the tag.
            let tags = is_tagging(&self.call.action, self.catalog);
            if is_created && !tags && fixed.contains_key(&sent) {
                return Some("what is created has the tags of the request, which are tested");
            }
            if !folded.starts_with("aws:") && fixed.contains_key(&format!("aws:resourcetag/{tag}"))
            {
                return Some("`aws:ResourceTag` says the same");
            }
        }
        match value {
            ContextValue::Family { pattern, .. } if is_any_of_account(pattern) => {
                Some("it stands for any of its type in the account")
            }
            _ => None,
        }
    }

    /// Whether the call puts tags on something that is there already, or takes them off: a further
    /// tag could make it the vendor's.
    fn marks_what_exists(&self) -> bool {
        is_tagging(&self.call.action, self.catalog) && self.resource.is_some_and(|it| !it.created)
    }

    fn test(&self, key: &str, value: &ContextValue, conditions: &mut Conditions) {
        let declared = self.catalog.condition_key(&key.to_ascii_lowercase());
        let key_type = declared.map_or(KeyType::String, |it| it.key_type);
        let is_list = declared.is_some_and(|it| it.multivalued);
        let mut add = |operator: &'static str, values: Vec<String>| {
            let key = key.to_owned();
            let known = conditions.entry(Comparison { operator, key }).or_default();
            known.extend(values);
        };
        match value {
            ContextValue::Family { pattern, .. } => {
                let operator = match key_type {
                    KeyType::Arn => "ArnLike",
                    _ => "StringLike",
                };
                add(operator, vec![literal(pattern)]);
            }
            _ if is_list => {
                let values = value.values().iter().map(|it| literal(it)).collect();
                add("ForAllValues:StringEquals", values);
                add("Null", vec!["false".to_owned()]);
            }
            _ => {
                let operator = match key_type {
                    KeyType::Arn if is_plain_arn(value) => "ArnEquals",
                    KeyType::Bool => "Bool",
                    KeyType::Numeric => "NumericEquals",
                    KeyType::Date => "DateEquals",
                    KeyType::IpAddress => "IpAddress",
                    _ => "StringEquals",
                };
                add(
                    operator,
                    value.values().iter().map(|it| literal(it)).collect(),
                );
            }
        }
    }
}

/// Returns what stands in `Resource`.
fn pattern_of(resource: &CallResource) -> String {
    match &resource.family {
        Some(pattern) => literal(pattern),
        None => literal(&resource.arn),
    }
}

/// A text that is meant as it is: `${` would begin a policy variable.
fn literal(text: &str) -> String {
    text.replace("${", "${$}{")
}

fn is_plain_arn(value: &ContextValue) -> bool {
    let values = value.values();
    values
        .iter()
        .all(|it| it.starts_with("arn:") && !it.contains(['*', '?']))
}

/// Whether a pattern stands for every EC2 resource of its type in the account: the ids are AWS's,
/// so that the pattern tells no two of them apart.
fn is_any_of_account(pattern: &str) -> bool {
    let Some(arn) = Arn::parse(pattern) else {
        return false;
    };
    let id = arn.resource.rsplit_once('/').map(|(_, id)| id);
    arn.service == "ec2" && id.is_some_and(|it| it == "*" || it.ends_with("-*"))
}
