//! Reads `profile.toml` into a [`Profile`]: every section, every error with its place.
//!
//! What needs more than one section (names, the catalog) is `validate`'s; rows of other profiles
//! are `include`'s.

use toml::de::DeTable;

use super::read::{Errors, Fields, Node, entries, template_of};
use super::requirement::{self, Surroundings, is_kebab_case};
use super::template::Template;
use super::{
    Actor, ActorKind, Document, Feature, Key, KeyPolicy, MadeBy, Object, Owner, Phase, Profile,
    ProfileError, Provenance, Shipped, Until, Values, generation, impossible, include, must_not,
    validate, variable,
};
use crate::source::Span;

const SECTIONS: [&str; 18] = [
    "schema",
    "title",
    "summary",
    "default-actor",
    "source",
    "evidence",
    "variables",
    "tags",
    "actors",
    "phases",
    "features",
    "objects",
    "requirements",
    "must-not",
    "impossible",
    "include",
    "generate",
    "documents",
];

/// The version of the language that this program reads.
const SCHEMA: i64 = 1;

impl Profile {
    /// Reads and checks a profile; `name` is `vendor/profile` or a path.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong with it, in the order of the text.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<ProfileError>> {
        Self::read(name, text, &[name], validate::check)
    }

    /// Reads a profile that the binary carries. What it says is not held against the catalog again:
    /// a test does so for all of them, with the catalog that the binary carries.
    ///
    /// # Errors
    ///
    /// Returns what keeps it from being read; that test finds nothing.
    pub fn of(shipped: &Shipped) -> Result<Self, Vec<ProfileError>> {
        Self::included(shipped, &[shipped.name])
    }

    /// Reads a profile that `including` profiles asked for, the last of which is itself.
    pub(super) fn included(
        shipped: &Shipped,
        including: &[&str],
    ) -> Result<Self, Vec<ProfileError>> {
        Self::read(shipped.name, shipped.text, including, |_, _, _| {})
    }

    fn read(
        name: &str,
        text: &str,
        including: &[&str],
        check: impl Fn(&Self, &Fields<'_>, &mut Errors),
    ) -> Result<Self, Vec<ProfileError>> {
        let (table, broken) = DeTable::parse_recoverable(text);
        if !broken.is_empty() {
            let mut list: Vec<ProfileError> = broken.iter().map(syntax_error).collect();
            list.sort_by_key(|error| error.span);
            return Err(list);
        }
        let mut errors = Errors::default();
        let fields = Fields::new(
            "a profile",
            table.get_ref(),
            Span::new(0, 0),
            &SECTIONS,
            &mut errors,
        );
        let mut profile = read_profile(name, &fields, &mut errors);
        include::resolve(&mut profile, &fields, including, &mut errors);
        sort_requirements(&mut profile);
        check(&profile, &fields, &mut errors);
        if errors.list.is_empty() {
            return Ok(profile);
        }
        errors.list.sort_by_key(|error| error.span);
        errors.list.dedup();
        Err(errors.list)
    }
}

fn syntax_error(error: &toml::de::Error) -> ProfileError {
    let range = error.span().unwrap_or_default();
    let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    ProfileError {
        span: Span::new(narrow(range.start), narrow(range.end)),
        message: error.message().to_owned(),
        help: String::new(),
    }
}

fn read_profile(name: &str, fields: &Fields<'_>, errors: &mut Errors) -> Profile {
    read_schema(fields, errors);
    let phases = read_phases(fields, errors);
    let default_actor = fields.required_text("default-actor", errors);
    let evidence = read_evidence(fields, errors);
    let surroundings = Surroundings {
        default_actor: &default_actor,
        phases: &phases,
        evidence: &evidence,
    };
    let mut requirements = Vec::new();
    if let Some(node) = fields.get("requirements") {
        for item in node.items(errors) {
            requirements.extend(requirement::read(item, &surroundings, errors));
        }
    }
    let mut must_nots = Vec::new();
    if let Some(node) = fields.get("must-not") {
        for item in node.items(errors) {
            must_nots.extend(must_not::read(item, &surroundings, errors));
        }
    }
    let mut impossibles = Vec::new();
    if let Some(node) = fields.get("impossible") {
        for item in node.items(errors) {
            impossibles.extend(impossible::read(item, &surroundings, errors));
        }
    }
    Profile {
        name: name.to_owned(),
        title: fields.required_text("title", errors),
        summary: fields.required_text("summary", errors),
        source: read_source(fields, errors),
        variables: read_named(fields, "variables", errors, variable::read),
        tags: read_tags(fields, errors),
        actors: read_named(fields, "actors", errors, read_actor),
        features: read_named(fields, "features", errors, read_feature),
        objects: read_named(fields, "objects", errors, read_object),
        generation: generation::read(fields, errors),
        documents: read_documents(fields, errors),
        default_actor,
        phases,
        requirements,
        must_nots,
        impossibles,
        omitted: Vec::new(),
    }
}

fn read_schema(fields: &Fields<'_>, errors: &mut Errors) {
    let Some(node) = fields.required("schema", errors) else {
        return;
    };
    let number = node
        .value
        .as_integer()
        .and_then(|number| number.as_str().parse::<i64>().ok());
    if number != Some(SCHEMA) {
        let message = format!("this program reads profiles of schema {SCHEMA}");
        errors.push(node.span, message, "");
    }
}

/// Reads `[key.<name>]` tables in the order of the text.
fn read_named<T>(
    fields: &Fields<'_>,
    key: &str,
    errors: &mut Errors,
    read: impl Fn(&str, Span, Node<'_>, &mut Errors) -> Option<T>,
) -> Vec<T> {
    let mut list = Vec::new();
    for (name, span, node) in fields.entries(key, errors) {
        if !is_kebab_case(name) {
            errors.push(span, format!("`{name}` is not in kebab-case"), "");
        }
        list.extend(read(name, span, node, errors));
    }
    list
}

fn read_source(fields: &Fields<'_>, errors: &mut Errors) -> Provenance {
    let keys = ["document", "publisher", "revision", "retrieved", "notes"];
    let Some(node) = fields.required("source", errors) else {
        return Provenance::default();
    };
    let Some(source) = Fields::of_node("`[source]`", node, node.span, &keys, errors) else {
        return Provenance::default();
    };
    Provenance {
        document: source.required_text("document", errors),
        publisher: source.text("publisher", errors).unwrap_or_default(),
        revision: source.text("revision", errors).unwrap_or_default(),
        retrieved: source.text("retrieved", errors).unwrap_or_default(),
        notes: source
            .texts("notes", errors)
            .into_iter()
            .map(|(note, _)| note.to_owned())
            .collect(),
    }
}

fn read_evidence(fields: &Fields<'_>, errors: &mut Errors) -> Vec<(String, String)> {
    fields
        .entries("evidence", errors)
        .into_iter()
        .filter_map(|(name, _, node)| Some((name.to_owned(), node.text(errors)?.to_owned())))
        .collect()
}

fn read_tags(fields: &Fields<'_>, errors: &mut Errors) -> Vec<(Template, Template)> {
    fields
        .entries("tags", errors)
        .into_iter()
        .filter_map(|(name, span, node)| {
            Some((template_of(name, span, errors)?, node.template(errors)?))
        })
        .collect()
}

/// Reads a table of context keys.
pub(super) fn read_context(
    fields: &Fields<'_>,
    key: &str,
    errors: &mut Errors,
) -> Vec<(Key, Values)> {
    let mut context = Vec::new();
    for (name, span, node) in fields.entries(key, errors) {
        let values = read_values(node, errors);
        context.extend(key_of(name, span, errors).zip(values));
    }
    context
}

/// Reads a list of context keys.
pub(super) fn read_keys(fields: &Fields<'_>, key: &str, errors: &mut Errors) -> Vec<Key> {
    let texts = fields.texts(key, errors).into_iter();
    texts
        .filter_map(|(name, span)| key_of(name, span, errors))
        .collect()
}

fn key_of(name: &str, span: Span, errors: &mut Errors) -> Option<Key> {
    Some(Key {
        name: name.to_owned(),
        text: template_of(name, span, errors)?,
        span,
    })
}

fn read_values(node: Node<'_>, errors: &mut Errors) -> Option<Values> {
    if node.value.is_str() {
        return Some(Values::One(node.template(errors)?));
    }
    if node.value.is_array() {
        return Some(Values::Many(read_templates(node, errors)));
    }
    if node.value.is_table() {
        let fields = Fields::of_node("a fan-out", node, node.span, &["each"], errors)?;
        let each = fields.required("each", errors)?;
        return Some(Values::Each(read_templates(each, errors)));
    }
    node.wrong_type("a text, a list of texts or `{ each = […] }`", errors);
    None
}

fn read_templates(node: Node<'_>, errors: &mut Errors) -> Vec<Template> {
    node.items(errors)
        .into_iter()
        .filter_map(|item| item.template(errors))
        .collect()
}

fn read_actor(name: &str, span: Span, node: Node<'_>, errors: &mut Errors) -> Option<Actor> {
    let what = format!("the actor `{name}`");
    let keys = [
        "kind",
        "principal",
        "title",
        "context",
        "absent",
        "made-by",
        "object",
        "attached",
    ];
    let fields = Fields::of_node(what, node, span, &keys, errors)?;
    fields.required("kind", errors);
    let attached = fields.get("attached");
    let principal = fields.required("principal", errors)?.template(errors)?;
    Some(Actor {
        name: name.to_owned(),
        kind: fields
            .word("kind", &ActorKind::WORDS, errors)
            .unwrap_or(ActorKind::User),
        principal,
        title: fields.required_text("title", errors),
        context: read_context(&fields, "context", errors),
        absent: read_keys(&fields, "absent", errors),
        made_by: fields.word("made-by", &MadeBy::WORDS, errors),
        object: fields.text("object", errors),
        attached: attached.map_or_else(Vec::new, |node| read_templates(node, errors)),
        span,
    })
}

fn read_phases(fields: &Fields<'_>, errors: &mut Errors) -> Vec<Phase> {
    let Some(node) = fields.get("phases") else {
        return Vec::new();
    };
    let mut phases: Vec<Phase> = Vec::new();
    for item in node.items(errors) {
        let keys = ["name", "title", "actor", "until", "minute"];
        let Some(phase) = Fields::of_node("a phase", item, item.span, &keys, errors) else {
            continue;
        };
        let name = phase.required_text("name", errors);
        let span = phase.get("name").map_or(item.span, |node| node.span);
        if !is_kebab_case(&name) {
            errors.push(span, format!("`{name}` is not in kebab-case"), "");
        }
        if phases.iter().any(|known| known.name == name) {
            errors.push(span, format!("the phase `{name}` is declared twice"), "");
        }
        phases.push(Phase {
            title: phase.required_text("title", errors),
            actor: phase.text("actor", errors),
            until: phase.word("until", &Until::WORDS, errors),
            minute: phase.count("minute", errors),
            name,
            span,
        });
    }
    phases
}

fn read_feature(name: &str, span: Span, node: Node<'_>, errors: &mut Errors) -> Option<Feature> {
    let what = format!("the feature `{name}`");
    let keys = ["title", "default", "description"];
    let fields = Fields::of_node(what, node, span, &keys, errors)?;
    if name == "base" {
        errors.push(span, "`base` is always on and is not declared", "");
    }
    Some(Feature {
        name: name.to_owned(),
        title: fields.required_text("title", errors),
        default: fields.boolean("default", errors).unwrap_or(false),
        description: fields.required_text("description", errors),
    })
}

fn read_object(name: &str, span: Span, node: Node<'_>, errors: &mut Errors) -> Option<Object> {
    let what = format!("the object `{name}`");
    let keys = [
        "type",
        "arn",
        "owner",
        "tags",
        "context",
        "boundary",
        "account",
        "key-policy",
    ];
    let fields = Fields::of_node(what, node, span, &keys, errors)?;
    let resource_type = fields.required_text("type", errors);
    let arn = fields.required("arn", errors)?.template(errors)?;
    Some(Object {
        name: name.to_owned(),
        resource_type,
        arn,
        owner: fields
            .word("owner", &Owner::WORDS, errors)
            .unwrap_or(Owner::Ours),
        tags: read_tags(&fields, errors),
        context: read_context(&fields, "context", errors),
        boundary: fields.template("boundary", errors),
        account: fields.template("account", errors),
        key_policy: fields.word("key-policy", &[("default", KeyPolicy::Default)], errors),
        span: fields.get("type").map_or(span, |node| node.span),
    })
}

fn read_documents(fields: &Fields<'_>, errors: &mut Errors) -> Vec<Document> {
    let Some(node) = fields.get("documents") else {
        return Vec::new();
    };
    let mut documents = Vec::new();
    for item in node.items(errors) {
        let keys = ["file", "kind", "actor", "published", "title"];
        let Some(document) = Fields::of_node("a document", item, item.span, &keys, errors) else {
            continue;
        };
        documents.push(Document {
            file: document.required_text("file", errors),
            kind: document.required_text("kind", errors),
            actor: document.text("actor", errors),
            published: document.boolean("published", errors).unwrap_or(false),
            title: document.required_text("title", errors),
            span: document.get("file").map_or(item.span, |node| node.span),
        });
    }
    documents
}

/// Orders requirements by phase; within one, the order of the text stays.
fn sort_requirements(profile: &mut Profile) {
    let phases = &profile.phases;
    let position = |name: &str| phases.iter().position(|phase| phase.name == name);
    profile
        .requirements
        .sort_by_key(|requirement| position(&requirement.phase).unwrap_or(usize::MAX));
}

/// Returns the tables of `[[include]]` with a place to point at.
pub(super) fn include_tables<'t>(fields: &Fields<'t>, errors: &mut Errors) -> Vec<Fields<'t>> {
    let Some(node) = fields.get("include") else {
        return Vec::new();
    };
    let keys = [
        "profile",
        "phases",
        "actor",
        "features",
        "omit",
        "omit-reason",
        "must-not",
    ];
    let mut tables = Vec::new();
    for item in node.items(errors) {
        tables.extend(Fields::of_node(
            "an include",
            item,
            item.span,
            &keys,
            errors,
        ));
    }
    tables
}

/// Returns the entries of the `features` table of an include.
pub(super) fn feature_switches(
    include: &Fields<'_>,
    errors: &mut Errors,
) -> Vec<(String, Span, bool)> {
    let Some(node) = include.get("features") else {
        return Vec::new();
    };
    let mut switches = Vec::new();
    for (name, span, value) in entries(node, errors) {
        match value.value.as_bool() {
            Some(on) => switches.push((name.to_owned(), span, on)),
            None => value.wrong_type("`true` or `false`", errors),
        }
    }
    switches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::read::span_of;

    #[test]
    fn spans_of_toml_are_bytes() {
        let (table, errors) = DeTable::parse_recoverable("\"ä\" = 1");
        assert!(errors.is_empty());
        let key = table.get_ref().keys().next();
        assert_eq!(key.map(span_of), Some(Span::new(0, 4)));
    }
}
