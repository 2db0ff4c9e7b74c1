//! `[[must-not]]`: requests that the vendor must never be able to make.
//!
//! A row says what is forbidden, with its variables still open; `family` turns it into the policy
//! document that allows exactly these requests. Whether any policy allows one is not asked here.

use super::facts::{self, Facts};
use super::load::{read_context, read_keys};
use super::read::{Errors, Fields, Node, template_of};
use super::requirement::{Surroundings, is_kebab_case, read_evidence};
use super::template::Template;
use super::validate::{check_actor, check_feature, check_template, report_unknown_key};
use super::{Key, Profile, Values, Weakness};
use crate::catalog::AccessLevel;
use crate::source::Span;

/// Requests that must not be possible, with their variables still open.
#[derive(Clone, Debug)]
pub struct MustNot {
    /// The name, unique among these rows of a profile.
    pub id: String,
    /// What must not be possible, in one line.
    pub title: String,
    /// The class of the weakness that a possible request would show.
    pub class: Weakness,
    /// What harm it does.
    pub why: String,
    /// Where this is known from, in words.
    pub evidence: Vec<String>,
    /// The feature that switches it on; `base` is always on.
    pub feature: String,
    /// Who must not be able to.
    pub actor: String,
    /// The actions, also as patterns.
    pub actions: Vec<ActionText>,
    /// The access levels to which the actions are narrowed; none: all.
    pub levels: Vec<AccessLevel>,
    /// What the requests are made on; none: anything, or nothing.
    pub resources: Vec<Thing>,
    /// What is not meant although `actions` and `resources` take it in.
    pub except: Vec<Thing>,
    /// Context keys of the requests, with the values that are meant.
    pub context: Vec<(Key, Values)>,
    /// Requests that carry all of these are not meant.
    pub unless: Vec<(Key, Values)>,
    /// Context keys that the requests leave out.
    pub absent: Vec<Key>,
    /// The profile that it was included from.
    pub from: Option<String>,
    /// The place of its id, in the profile that wrote it.
    pub span: Span,
    feature_span: Span,
    actor_span: Span,
}

/// An action or a pattern of actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionText {
    /// `service:Name`, the name also with wildcards.
    pub text: String,
    /// Its place in the profile that wrote it.
    pub span: Span,
}

/// What requests are made on, or what is not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// Everything that the ARN pattern matches.
    Arn(Template),
    /// Everything that has the object's ARN.
    Object(String, Span),
    /// What has the object's ARN and is none of the profile's own objects of that type.
    Foreign(String, Span),
    /// The action, whatever it is done to.
    Action(ActionText),
}

impl Thing {
    /// Returns the object in it.
    #[must_use]
    pub fn object(&self) -> Option<&str> {
        match self {
            Self::Object(name, _) | Self::Foreign(name, _) => Some(name),
            Self::Arn(_) | Self::Action(_) => None,
        }
    }

    /// Returns it as profiles write it.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Arn(template) => template.written(),
            Self::Object(name, _) => name.clone(),
            Self::Foreign(name, _) => format!("foreign {name}"),
            Self::Action(action) => action.text.clone(),
        }
    }
}

impl MustNot {
    /// Returns the names of the objects in it, with repetitions.
    pub fn objects(&self) -> impl Iterator<Item = &str> {
        let things = self.resources.iter().chain(&self.except);
        things.filter_map(Thing::object)
    }

    /// Returns the texts with variables in it, without those of its objects.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let arns = self.resources.iter().chain(&self.except);
        let arns = arns.filter_map(|it| match it {
            Thing::Arn(template) => Some(template),
            Thing::Object(..) | Thing::Foreign(..) | Thing::Action(_) => None,
        });
        arns.chain(super::context_templates(&self.context))
            .chain(super::context_templates(&self.unless))
            .chain(self.absent.iter().map(|key| &key.text))
    }

    /// Returns the context keys that it speaks about.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        let named = self.context.iter().chain(&self.unless).map(|(key, _)| key);
        named.chain(&self.absent)
    }

    /// Returns whether it means this action, of those that match its patterns.
    pub(super) fn has_level_of(&self, facts: &Facts<'_>) -> bool {
        self.levels.is_empty() || self.levels.iter().any(|level| facts.has_level(*level))
    }
}

const KEYS: [&str; 14] = [
    "id",
    "title",
    "class",
    "why",
    "evidence",
    "feature",
    "actor",
    "actions",
    "levels",
    "resources",
    "except",
    "context",
    "unless",
    "absent",
];

/// The access levels as profiles write them.
pub(super) const LEVELS: [(&str, AccessLevel); 5] = [
    ("list", AccessLevel::List),
    ("read", AccessLevel::Read),
    ("write", AccessLevel::Write),
    ("tagging", AccessLevel::Tagging),
    ("permissions-management", AccessLevel::PermissionsManagement),
];

/// Reads one `[[must-not]]` table.
pub(super) fn read(
    node: Node<'_>,
    surroundings: &Surroundings<'_>,
    errors: &mut Errors,
) -> Option<MustNot> {
    let id = node.value.as_table().and_then(|table| table.get("id"));
    let id = id.map(Node::of);
    let span = id.map_or(node.span, |id| id.span);
    let what = match id.and_then(|id| id.value.as_str()) {
        Some(id) => format!("the must-not `{id}`"),
        None => "a must-not".to_owned(),
    };
    let fields = Fields::of_node(what, node, span, &KEYS, errors)?;
    let id = fields.required_text("id", errors);
    if !is_kebab_case(&id) {
        let message = format!("`{id}` is not in kebab-case");
        errors.push(span, message, "write it like `pass-foreign-roles`");
    }
    let place = |key| fields.get(key).map_or(span, |node| node.span);
    let actions = read_actions(&fields, errors);
    let title = fields.required_text("title", errors);
    let class = read_class(&fields, errors);
    Some(MustNot {
        id,
        title,
        why: fields.required_text("why", errors),
        evidence: read_evidence(&fields, surroundings.evidence, errors),
        feature: fields
            .text("feature", errors)
            .unwrap_or_else(|| "base".to_owned()),
        actor: fields
            .text("actor", errors)
            .unwrap_or_else(|| surroundings.default_actor.to_owned()),
        actions,
        levels: read_levels(&fields, errors),
        resources: read_things(&fields, "resources", errors),
        except: read_things(&fields, "except", errors),
        context: read_values(&fields, "context", errors),
        unless: read_values(&fields, "unless", errors),
        absent: read_keys(&fields, "absent", errors),
        from: None,
        span,
        feature_span: place("feature"),
        actor_span: place("actor"),
        class: class?,
    })
}

fn action_text((text, span): (&str, Span)) -> ActionText {
    let text = text.to_owned();
    ActionText { text, span }
}

/// Reads the actions that a row is about.
pub(super) fn read_actions(fields: &Fields<'_>, errors: &mut Errors) -> Vec<ActionText> {
    fields.required("actions", errors);
    let actions = fields.texts("actions", errors).into_iter();
    actions.map(action_text).collect()
}

/// Reads the class of a weakness.
pub(super) fn read_class(fields: &Fields<'_>, errors: &mut Errors) -> Option<Weakness> {
    let node = fields.required("class", errors)?;
    let text = node.text(errors)?;
    let class = Weakness::find(text);
    if class.is_none() {
        let message = format!("unknown class `{text}`");
        errors.push(node.span, message, "classes are `W1` to `W35`");
    }
    class
}

fn read_levels(fields: &Fields<'_>, errors: &mut Errors) -> Vec<AccessLevel> {
    let mut levels = Vec::new();
    for (text, span) in fields.texts("levels", errors) {
        match LEVELS.iter().find(|(word, _)| *word == text) {
            Some((_, level)) => levels.push(*level),
            None => {
                let words = LEVELS.iter().map(|(word, _)| *word);
                errors.unknown(span, "access level", text, words);
            }
        }
    }
    levels
}

fn read_things(fields: &Fields<'_>, key: &str, errors: &mut Errors) -> Vec<Thing> {
    let mut things = Vec::new();
    for (text, span) in fields.texts(key, errors) {
        let object = text.strip_prefix("foreign ").unwrap_or(text);
        let thing = if is_kebab_case(object) {
            let name = object.to_owned();
            match object == text {
                true => Some(Thing::Object(name, span)),
                false => Some(Thing::Foreign(name, span)),
            }
        } else if text == "*" || text.starts_with("arn:") || text.starts_with('{') {
            template_of(text, span, errors).map(Thing::Arn)
        } else if text.contains(':') && key == "except" {
            Some(Thing::Action(action_text((text, span))))
        } else {
            let message = format!("`{text}` is neither an ARN nor an object");
            let help = "write an ARN pattern, `name` or `foreign name` of an object";
            errors.push(span, message, help);
            None
        };
        if let (Some(Thing::Foreign(..)), "except") = (&thing, key) {
            let help = "write what is meant in `resources`, and what is not meant here";
            errors.push(span, "what is foreign cannot be an exception", help);
        }
        things.extend(thing);
    }
    things
}

fn read_values(fields: &Fields<'_>, key: &str, errors: &mut Errors) -> Vec<(Key, Values)> {
    let context = read_context(fields, key, errors);
    for (name, values) in &context {
        if matches!(values, Values::Each(_)) {
            let help = "write a list: any one of its values is meant";
            errors.push(name.span, "`each` makes several requests", help);
        }
    }
    context
}

/// Reports everything in a row that does not fit the profile or the catalog.
pub(super) fn check(profile: &Profile, row: &MustNot, errors: &mut Errors) {
    check_feature(profile, &row.feature, row.feature_span, errors);
    if row.actor != profile.default_actor {
        check_actor(profile, &row.actor, row.actor_span, errors);
    }
    for template in row.templates() {
        check_template(profile, template, errors);
    }
    let excepted = row.except.iter().filter_map(|it| match it {
        Thing::Action(action) => Some(action),
        Thing::Arn(_) | Thing::Object(..) | Thing::Foreign(..) => None,
    });
    for action in excepted {
        check_pattern(action, |_| true, errors);
    }
    let mut actions = Vec::new();
    for action in &row.actions {
        actions.extend(check_pattern(action, |it| row.has_level_of(it), errors));
    }
    for thing in row.resources.iter().chain(&row.except) {
        check_thing(profile, thing, &actions, errors);
    }
    for key in row.keys().filter(|_| !actions.is_empty()) {
        check_key(key, &actions, errors);
    }
}

/// Returns the actions that a pattern matches and that `is_meant`; reports if there are none.
fn check_pattern<'a>(
    action: &'a ActionText,
    is_meant: impl Fn(&Facts<'_>) -> bool,
    errors: &mut Errors,
) -> Vec<Facts<'a>> {
    let ActionText { text, span } = action;
    let mut found = facts::matching(text);
    if found.is_empty() {
        let near = facts::find(text).err().unwrap_or_default();
        let help = match near.first() {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write `service:Name`, the name also with `*`".to_owned(),
        };
        errors.push(*span, format!("no action matches `{text}`"), help);
        return found;
    }
    found.retain(is_meant);
    if found.is_empty() {
        let message = format!("no action that matches `{text}` has one of the levels");
        errors.push(*span, message, "");
    }
    found
}

fn check_thing(profile: &Profile, thing: &Thing, actions: &[Facts<'_>], errors: &mut Errors) {
    let (Thing::Object(name, span) | Thing::Foreign(name, span)) = thing else {
        return;
    };
    let Some(object) = profile.object(name) else {
        let known = profile.objects.iter().map(|it| it.name.as_str());
        errors.unknown(*span, "object", name, known);
        return;
    };
    let kind = &object.resource_type;
    if !actions.is_empty() && !actions.iter().any(|it| it.is_checked_on(kind)) {
        let message = format!("none of the actions is checked on `{kind}`");
        errors.push(*span, message, "");
    }
    if matches!(thing, Thing::Foreign(..)) {
        let takes_all = profile.own_objects(object).find(|own| {
            own.arn.written() == object.arn.written() && profile.tags_of(own).next().is_none()
        });
        if let Some(own) = takes_all {
            let message = format!("nothing of this ARN is foreign: `{}` has no tags", own.name);
            errors.push(*span, message, "");
        }
    }
}

/// A key must exist in requests of some of the actions.
fn check_key(key: &Key, actions: &[Facts<'_>], errors: &mut Errors) {
    let name = &key.name;
    if !facts::is_known_key(name) {
        report_unknown_key(key, errors);
        return;
    }
    let exists = |facts: &Facts<'_>| facts.lists_anywhere(name);
    if !facts::is_in_every_request(name) && !actions.iter().any(exists) {
        let message = format!("`{name}` never exists in requests of these actions");
        let help = "the catalog lists it for other actions or types";
        errors.push(key.span, message, help);
    }
}
