//! From `[[must-not]]` rows to families of requests: policy documents that allow them.
//!
//! A family is what its document allows by itself. An Allow takes in the actions and resources with
//! their conditions; every exception is a Deny, which applies only where its condition certainly
//! holds. So a request whose tags are missing stays in the family, as it should.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::expand::{GLOBAL_SERVICES, home_region, service_of};
use super::facts::{self, Facts};
use super::must_not::{MustNot, Thing};
use super::settings::{self, SettingError, Settings};
use super::template::{Binding, Template};
use super::{Key, Object, Owner, Profile, Values, Weakness};
use crate::catalog::{Catalog, KeyType};
use crate::policy::{self, Document, Kind};

/// Requests that the vendor must never be able to make, everything concrete.
#[derive(Clone, Debug)]
pub struct Forbidden {
    /// The row's id.
    pub id: String,
    /// The row's position in [`Profile::must_nots`].
    pub row: usize,
    /// What must not be possible, in one line.
    pub title: String,
    /// The class of the weakness that a possible request would show.
    pub class: Weakness,
    /// What harm it does.
    pub why: String,
    /// Where this is known from, in words.
    pub evidence: Vec<String>,
    /// Who must not be able to.
    pub actor: String,
    /// The text of the document, into which its spans point.
    pub text: String,
    /// The requests: those that this document allows by itself.
    pub family: Document,
}

/// Operators with keys and values, in one order.
type Conditions = BTreeMap<&'static str, BTreeMap<String, Vec<String>>>;

impl Profile {
    /// Returns everything that must not be possible under these settings, in the order of the
    /// text. Left out are rows of features that are off, and rows about something that the
    /// settings leave empty, such as a boundary.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong with the settings.
    pub fn must_not(&self, settings: &Settings) -> Result<Vec<Forbidden>, Vec<SettingError>> {
        let values = self.resolve(settings)?;
        let rows = self.must_nots.iter().enumerate().filter(|(_, row)| {
            let is_wanted = settings.actors.is_empty() || settings.actors.contains(&row.actor);
            is_wanted && self.is_on(&row.feature, settings)
        });
        let forbidden = rows.filter_map(|(at, row)| {
            let making = Making {
                profile: self,
                row,
                values: &values,
            };
            let text = making.document()?.to_string();
            Some(Forbidden {
                id: row.id.clone(),
                row: at,
                title: row.title.clone(),
                class: row.class,
                why: row.why.clone(),
                evidence: row.evidence.clone(),
                actor: row.actor.clone(),
                family: policy::written(&text, Kind::Identity),
                text,
            })
        });
        Ok(forbidden.collect())
    }

    /// Returns the profile's own objects of an object's type: those that may be used although they
    /// have a foreign one's ARN.
    pub(super) fn own_objects(&self, object: &Object) -> impl Iterator<Item = &Object> {
        let kind = object.resource_type.clone();
        let is_own = |it: &&Object| matches!(it.owner, Owner::Ours | Owner::Service);
        let own = self.objects.iter().filter(is_own);
        own.filter(move |it| it.resource_type == kind)
    }

    /// Returns the tags that an existing object carries.
    pub(super) fn tags_of<'p>(
        &'p self,
        object: &'p Object,
    ) -> impl Iterator<Item = &'p (Template, Template)> {
        let ours = match object.owner {
            Owner::Ours => &self.tags[..],
            Owner::Foreign | Owner::Aws | Owner::Service => &[],
        };
        ours.iter().chain(&object.tags)
    }
}

struct Making<'a> {
    profile: &'a Profile,
    row: &'a MustNot,
    values: &'a settings::Values<'a>,
}

impl Making<'_> {
    /// Returns the document; none if the settings leave nothing of the row.
    fn document(&self) -> Option<Value> {
        let resources = self.arns(&self.row.resources);
        if resources.is_empty() && !self.row.resources.is_empty() {
            return None;
        }
        let mut statements = vec![self.allow(resources)?];
        let mut deny = |sid: &str, actions: Vec<String>, resources, conditions| {
            let sid = format!("{sid}{}", statements.len());
            let statement = statement("Deny", &sid, actions, resources, conditions);
            statements.push(statement);
        };
        let all = || vec!["*".to_owned()];
        let of_ec2 = |arn: &String| arn.split(':').nth(2) == Some("ec2");
        if self.arns(&self.row.resources).iter().any(of_ec2) {
            // EC2 gives its ids itself (Amazon EC2 User Guide, "Resource IDs"): no colon is in them.
            deny(
                "Unnamed",
                all(),
                vec!["arn:*:ec2:*:*:*:*".to_owned()],
                Conditions::new(),
            );
        }
        let excepted = self.arns(&self.row.except);
        if !excepted.is_empty() {
            deny("Except", all(), excepted, Conditions::new());
        }
        let actions = self.row.except.iter().filter_map(|it| match it {
            Thing::Action(action) => Some(action.text.clone()),
            Thing::Arn(_) | Thing::Object(..) | Thing::Foreign(..) => None,
        });
        let actions: Vec<String> = actions.collect();
        if !actions.is_empty() {
            deny("Except", actions, all(), Conditions::new());
        }
        if !self.row.unless.is_empty() {
            let mut conditions = Conditions::new();
            self.add_keys(&mut conditions, &self.row.unless)?;
            deny("Unless", all(), all(), conditions);
        }
        let own = self.own();
        for (conditions, resources) in own.by_tags {
            deny("Own", all(), resources, conditions);
        }
        for (actions, resources) in own.without_tags {
            deny("Own", actions, resources, Conditions::new());
        }
        Some(json!({ "Version": "2012-10-17", "Statement": statements }))
    }

    fn allow(&self, mut resources: Vec<String>) -> Option<Value> {
        let row = self.row;
        let mut conditions = Conditions::new();
        self.add_actor(&mut conditions);
        self.add_region(&mut conditions, &resources);
        self.add_keys(&mut conditions, &row.context)?;
        for key in &row.absent {
            let name = key.text.fill(&self.values.single);
            add(&mut conditions, "Null", name, vec!["true".to_owned()]);
        }
        if resources.is_empty() {
            resources.push("*".to_owned());
        }
        let texts = row.actions.iter().map(|it| it.text.as_str());
        let actions = if row.levels.is_empty() {
            texts.map(str::to_owned).collect()
        } else {
            let kinds = self.kinds();
            let meant = |it: &Facts<'_>| row.has_level_of(it) && may_concern(it, &kinds);
            let actions = texts.flat_map(facts::matching).filter(meant);
            in_order(actions.map(|it| it.full_name()))
        };
        let statement = statement("Allow", "Forbidden", actions, resources, conditions);
        Some(statement)
    }

    /// Returns the types of the things in the row; none if some are ARNs of any type.
    fn kinds(&self) -> Vec<&str> {
        let resources = self.row.resources.iter();
        let kinds =
            resources.map(|it| Some(self.profile.object(it.object()?)?.resource_type.as_str()));
        kinds.collect::<Option<Vec<&str>>>().unwrap_or_default()
    }

    /// What every request of the actor carries or lacks. Who it is, the caller itself tells.
    fn add_actor(&self, conditions: &mut Conditions) {
        let Some(actor) = self.profile.actor(&self.row.actor) else {
            return;
        };
        let is_told = |key: &Key| {
            let folded = key.name.to_ascii_lowercase();
            let of_caller = ["aws:principal", "aws:userid", "aws:username"];
            facts::is_in_every_request(&key.name)
                && !of_caller.iter().any(|it| folded.starts_with(it))
                && !self.mentions(&key.name)
        };
        for (key, values) in actor.context.iter().filter(|(key, _)| is_told(key)) {
            let filled = values.templates().flat_map(|it| self.fill(it)).collect();
            self.add_key(conditions, key, filled);
        }
        for key in actor.absent.iter().filter(|key| is_told(key)) {
            let name = key.text.fill(&self.values.single);
            add(conditions, "Null", name, vec!["true".to_owned()]);
        }
    }

    /// Requests on things in the profile's regions carry them, as its calls do.
    fn add_region(&self, conditions: &mut Conditions, resources: &[String]) {
        const KEY: &str = "aws:RequestedRegion";
        if self.mentions(KEY) || resources.is_empty() {
            return;
        }
        let regions = self.values_of("region");
        let region_of = |arn: &String| arn.split(':').nth(3).unwrap_or("*").to_owned();
        let mut services = self.row.actions.iter().map(|it| service_of(&it.text));
        // In which region's name a role is passed is not documented; STS has endpoints everywhere.
        let is_home = |it: &str| GLOBAL_SERVICES.contains(&it) && it != "sts";
        let passes_role = || {
            let actions = self.row.actions.iter();
            let mut names = actions.flat_map(|it| facts::matching(&it.text));
            names.any(|it| it.full_name() == "iam:PassRole")
        };
        let pinned = if resources.iter().all(|it| regions.contains(&region_of(it))) {
            regions
        } else if services.all(is_home) && !passes_role() {
            let home = home_region(self.values.single.get("partition"));
            home.into_iter().map(str::to_owned).collect()
        } else {
            return;
        };
        if !pinned.is_empty() {
            add(conditions, "StringEquals", KEY.to_owned(), pinned);
        }
    }

    fn mentions(&self, key: &str) -> bool {
        let mut keys = self.row.keys();
        keys.any(|it| it.name.eq_ignore_ascii_case(key))
    }

    /// Adds keys with the values that are meant; none if a key is left without a value.
    fn add_keys(&self, conditions: &mut Conditions, keys: &[(Key, Values)]) -> Option<()> {
        for (key, values) in keys {
            let filled = values.templates().flat_map(|it| self.fill(it));
            let filled: Vec<String> = filled.filter(|it| !it.is_empty()).collect();
            if filled.is_empty() {
                return None;
            }
            self.add_key(conditions, key, filled);
        }
        Some(())
    }

    fn add_key(&self, conditions: &mut Conditions, key: &Key, values: Vec<String>) {
        let name = key.text.fill(&self.values.single);
        let values: Vec<String> = values.iter().map(|it| escape(it)).collect();
        add(conditions, operator(&name, &values), name, values);
    }

    /// Returns the ARN patterns of things, without those that are left empty.
    fn arns(&self, things: &[Thing]) -> Vec<String> {
        let object = |name: &str| self.profile.object(name).map(|it| &it.arn);
        let templates = things.iter().filter_map(|it| match it {
            Thing::Arn(template) => Some(template),
            Thing::Object(name, _) | Thing::Foreign(name, _) => object(name),
            Thing::Action(_) => None,
        });
        let filled = templates.flat_map(|it| self.fill(it));
        in_order(filled.filter(|it| !it.is_empty()).map(|it| escape(&it)))
    }

    /// Returns the text for every combination of the lists that it names.
    fn fill(&self, template: &Template) -> Vec<String> {
        let bindings = self.bindings(|name| template.variables().any(|it| it == name));
        in_order(bindings.iter().map(|it| template.fill(it)))
    }

    fn values_of(&self, variable: &str) -> Vec<String> {
        let lists = self.values.lists.iter();
        let list = lists.filter(|(name, _)| *name == variable);
        let single = self.values.single.get(variable).map(str::to_owned);
        let listed = list.flat_map(|(_, values)| values.iter().cloned());
        listed.chain(single).collect()
    }

    fn bindings(&self, is_used: impl Fn(&str) -> bool) -> Vec<Binding<'_>> {
        let mut bindings = vec![self.values.single.clone()];
        for (name, list) in self.values.lists.iter().filter(|(name, _)| is_used(name)) {
            let longer = bindings.iter().flat_map(|binding| {
                list.iter().map(move |value| {
                    let mut binding = binding.clone();
                    binding.bind(name, value);
                    binding
                })
            });
            bindings = longer.collect();
        }
        bindings
    }

    /// Returns how to tell the profile's own things from the foreign ones in the row.
    fn own(&self) -> Own {
        let mut own = Own::default();
        let mut kinds: Vec<&str> = Vec::new();
        for thing in &self.row.resources {
            let Thing::Foreign(name, _) = thing else {
                continue;
            };
            let Some(object) = self.profile.object(name) else {
                continue;
            };
            if kinds.contains(&object.resource_type.as_str()) {
                continue;
            }
            kinds.push(&object.resource_type);
            let prefixes = tag_prefixes(&object.resource_type);
            let silent = self.silent(&object.resource_type, &prefixes);
            for one in self.profile.own_objects(object) {
                self.add_own(one, &prefixes, &silent, &mut own);
            }
        }
        own
    }

    /// Returns the actions that show no tags of things of a type: they have only the ARN to go by.
    fn silent(&self, kind: &str, prefixes: &[String]) -> Vec<String> {
        let some_tags: Vec<String> = prefixes.iter().map(|it| format!("{it}x")).collect();
        let is_silent = |it: &Facts<'_>| {
            it.is_checked_on(kind) && !some_tags.iter().any(|tag| it.supports(kind, tag))
        };
        let actions = self.row.actions.iter();
        let all = actions.flat_map(|it| facts::matching(&it.text));
        in_order(all.filter(is_silent).map(|it| it.full_name()))
    }

    fn add_own(&self, object: &Object, prefixes: &[String], silent: &[String], own: &mut Own) {
        let tags: Vec<&(Template, Template)> = self.profile.tags_of(object).collect();
        let is_in = |it: &Template, name: &str| it.variables().any(|variable| variable == name);
        let bindings = self.bindings(|name| {
            let mut tags = tags.iter();
            is_in(&object.arn, name)
                || tags.any(|(key, value)| is_in(key, name) || is_in(value, name))
        });
        for binding in bindings {
            let arn = escape(&object.arn.fill(&binding));
            if tags.is_empty() {
                merge(&mut own.by_tags, Conditions::new(), arn);
                continue;
            }
            // A request shows a tag under the global key and under the service's own.
            for prefix in prefixes {
                let mut conditions = Conditions::new();
                for (tag, value) in &tags {
                    let key = format!("{prefix}{}", tag.fill(&binding));
                    let values = vec![escape(&value.fill(&binding))];
                    add(&mut conditions, operator(&key, &values), key, values);
                }
                merge(&mut own.by_tags, conditions, arn.clone());
            }
            if !silent.is_empty() {
                merge(&mut own.without_tags, silent.to_vec(), arn);
            }
        }
    }
}

/// What tells the profile's own things from foreign ones: the tags, or where an action shows none,
/// the ARN. The second of each pair is the ARNs.
#[derive(Default)]
struct Own {
    by_tags: Vec<(Conditions, Vec<String>)>,
    without_tags: Vec<(Vec<String>, Vec<String>)>,
}

fn merge<K: PartialEq>(list: &mut Vec<(K, Vec<String>)>, key: K, arn: String) {
    match list.iter_mut().find(|(known, _)| *known == key) {
        Some((_, arns)) if arns.contains(&arn) => {}
        Some((_, arns)) => arns.push(arn),
        None => list.push((key, vec![arn])),
    }
}

/// Returns how the condition keys of a thing's tags begin.
fn tag_prefixes(resource_type: &str) -> Vec<String> {
    let own = format!("{}:ResourceTag/", service_of(resource_type));
    let is_known = facts::is_known_key(&format!("{own}x"));
    let global = "aws:ResourceTag/".to_owned();
    std::iter::once(global)
        .chain(is_known.then_some(own))
        .collect()
}

/// Returns whether an action is checked on one of the types. Another service has its own name for
/// the type of an instance.
fn may_concern(facts: &Facts<'_>, kinds: &[&str]) -> bool {
    let is_other = |kind: &str| service_of(kind) != facts.service();
    let mut each = kinds.iter();
    kinds.is_empty() || each.any(|kind| facts.is_checked_on(kind) || is_other(kind))
}

fn statement(
    effect: &str,
    sid: &str,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Conditions,
) -> Value {
    let mut statement = Map::new();
    statement.insert("Sid".to_owned(), json!(sid));
    statement.insert("Effect".to_owned(), json!(effect));
    statement.insert("Action".to_owned(), json!(actions));
    statement.insert("Resource".to_owned(), json!(resources));
    if !conditions.is_empty() {
        statement.insert("Condition".to_owned(), json!(conditions));
    }
    Value::Object(statement)
}

fn add(conditions: &mut Conditions, operator: &'static str, key: String, values: Vec<String>) {
    conditions.entry(operator).or_default().insert(key, values);
}

/// Returns the operator that compares a key with values, by the type of the key. One value of a
/// multivalued key is enough.
fn operator(key: &str, values: &[String]) -> &'static str {
    let known = Catalog::builtin().condition_key(key);
    let mut kind = known.map_or(KeyType::String, |it| it.key_type);
    if key.eq_ignore_ascii_case("iam:PermissionsBoundary") {
        // The reference gives it as an ARN; the IAM User Guide, "IAM and AWS STS condition context
        // keys", says string operators, and so policies write it.
        kind = KeyType::String;
    }
    let is_multivalued = known.is_some_and(|it| it.multivalued);
    let is_pattern = values.iter().any(|it| it.contains('*'));
    match (kind, is_multivalued) {
        (KeyType::Arn, false) => "ArnLike",
        (KeyType::Arn, true) => "ForAnyValue:ArnLike",
        (KeyType::Bool, _) => "Bool",
        (KeyType::Numeric, _) => "NumericEquals",
        (KeyType::Date, _) => "DateEquals",
        (KeyType::IpAddress, _) => "IpAddress",
        (KeyType::Binary, _) => "BinaryEquals",
        (KeyType::String | KeyType::Unknown, false) if is_pattern => "StringLike",
        (KeyType::String | KeyType::Unknown, true) if is_pattern => "ForAnyValue:StringLike",
        (KeyType::String | KeyType::Unknown, false) => "StringEquals",
        (KeyType::String | KeyType::Unknown, true) => "ForAnyValue:StringEquals",
    }
}

/// Writes a text of a profile, in which `*` alone means any text, as a policy does (IAM User
/// Guide, "IAM policy elements: Variables and tags").
fn escape(text: &str) -> String {
    text.replace("${", "${$}{").replace('?', "${?}")
}

fn in_order(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for text in texts {
        if !list.contains(&text) {
            list.push(text);
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_stars_keep_a_meaning() {
        assert_eq!(escape("a?${b}*$"), "a${?}${$}{b}*$");
    }

    #[test]
    fn operators_follow_the_type_of_the_key() {
        let values = |text: &str| vec![text.to_owned()];
        assert_eq!(operator("iam:PolicyARN", &values("arn:x*")), "ArnLike");
        let boundary = "iam:PermissionsBoundary";
        assert_eq!(operator(boundary, &values("arn:x")), "StringEquals");
        assert_eq!(operator("aws:SecureTransport", &values("true")), "Bool");
        assert_eq!(operator("sts:ExternalId", &values("o-1")), "StringEquals");
        assert_eq!(operator("aws:ResourceTag/a", &values("b*")), "StringLike");
        assert_eq!(
            operator("aws:TagKeys", &values("a")),
            "ForAnyValue:StringEquals"
        );
    }
}
