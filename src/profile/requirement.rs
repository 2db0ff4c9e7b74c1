//! Requirements: what a profile says about one kind of authorisation call.

use super::load::{read_context, read_keys};
use super::read::{Errors, Fields, Node};
use super::template::Template;
use super::{Key, Values};
use crate::source::Span;

/// One authorisation call that must be allowed, with its variables still open.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// The name, unique in the profile.
    pub id: String,
    /// The phase it belongs to.
    pub phase: String,
    /// The action, `service:Name`.
    pub action: String,
    /// What the call is checked on.
    pub targets: Targets,
    /// The feature that switches it on; `base` is always on.
    pub feature: String,
    /// Further features without which it is off.
    pub with: Vec<String>,
    /// How much its absence matters.
    pub strength: Strength,
    /// Whether the request sends the vendor's tags, where the profile says so.
    pub tagged: Option<bool>,
    /// Context keys of the whole request.
    pub context: Vec<(Key, Values)>,
    /// Context keys that the request certainly leaves out.
    pub absent: Vec<Key>,
    /// Roles handed over to a service.
    pub passes: Vec<Passed>,
    /// Whether it may be the first call of its kind in the account.
    pub first_use: bool,
    /// Who makes the call.
    pub actor: String,
    /// The group of which one requirement is enough.
    pub alternative: Option<String>,
    /// What makes the call.
    pub tool: Tool,
    /// What the call is for.
    pub why: String,
    /// What an operator sees without it.
    pub breaks: String,
    /// Where this is known from, in words.
    pub evidence: Vec<String>,
    /// The profile that it was included from.
    pub from: Option<String>,
    /// The place of its id, in the profile that wrote it.
    pub span: Span,
    /// The place of its action, in the profile that wrote it.
    pub action_span: Span,
    pub(super) phase_span: Span,
    pub(super) feature_span: Span,
}

impl Requirement {
    /// Returns the names of the objects in it, with repetitions.
    pub fn objects(&self) -> impl Iterator<Item = &str> {
        let targets = self.targets.uses().iter().map(|it| it.object.as_str());
        targets.chain(self.passes.iter().map(|it| it.role.as_str()))
    }

    /// Returns the features that must be on.
    pub fn features(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.feature)
            .chain(&self.with)
            .map(String::as_str)
    }

    /// Returns the texts with variables in it, without those of its objects.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let context = super::context_templates(&self.context);
        let absent = self.absent.iter().map(|key| &key.text);
        let passes = self.passes.iter().filter_map(|it| it.to.as_ref());
        context.chain(absent).chain(passes)
    }
}

/// What a requirement is checked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Targets {
    /// The action has no resource type.
    None,
    /// One call on all of these.
    Together(Vec<ObjectUse>),
    /// One call for each of these.
    Each(Vec<ObjectUse>),
}

impl Targets {
    /// Returns the objects that it names.
    #[must_use]
    pub fn uses(&self) -> &[ObjectUse] {
        match self {
            Self::None => &[],
            Self::Together(uses) | Self::Each(uses) => uses,
        }
    }
}

/// An object in a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectUse {
    /// The object's name.
    pub object: String,
    /// In which state the call finds it.
    pub state: State,
    /// The place of the word in the profile.
    pub span: Span,
}

impl ObjectUse {
    /// Returns the word as profiles write it.
    #[must_use]
    pub fn written(&self) -> String {
        match self.state {
            State::Existing => self.object.clone(),
            State::New => format!("new {}", self.object),
            State::Untagged => format!("untagged {}", self.object),
        }
    }
}

/// In which state a call finds an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It exists with its tags.
    Existing,
    /// The call creates it.
    New,
    /// It exists without the vendor's tags.
    Untagged,
}

/// How much the absence of a requirement matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// The phase fails.
    Required,
    /// Something useful fails, but not the phase.
    Recommended,
    /// Nobody notices until they ask for it.
    Optional,
}

impl Strength {
    /// Every value with the word that profiles write.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("required", Self::Required),
        ("recommended", Self::Recommended),
        ("optional", Self::Optional),
    ];

    /// Returns the word that profiles write.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        super::word_of(&Self::WORDS, self)
    }
}

/// What makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Whatever provisions: the API itself asks for it.
    Api,
    /// The Terraform AWS provider.
    Terraform,
    /// eksctl.
    Eksctl,
    /// The AWS Management Console.
    Console,
    /// A controller in the cluster.
    Controller,
}

impl Tool {
    /// Every value with the word that profiles write.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("api", Self::Api),
        ("terraform", Self::Terraform),
        ("eksctl", Self::Eksctl),
        ("console", Self::Console),
        ("controller", Self::Controller),
    ];

    /// Returns the word that profiles write.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        super::word_of(&Self::WORDS, self)
    }
}

/// A role that a request hands over to a service.
#[derive(Clone, Debug)]
pub struct Passed {
    /// The object that is the role.
    pub role: String,
    /// The service principal that receives it; by rule from the action if absent.
    pub to: Option<Template>,
    /// The place of the role's name in the profile.
    pub span: Span,
}

const KEYS: [&str; 18] = [
    "id",
    "phase",
    "action",
    "resources",
    "each",
    "feature",
    "strength",
    "tagged",
    "context",
    "absent",
    "passes",
    "first-use",
    "actor",
    "alternative",
    "tool",
    "why",
    "breaks",
    "evidence",
];

/// What a requirement takes from the rest of the profile while it is read.
pub(super) struct Surroundings<'a> {
    pub(super) default_actor: &'a str,
    pub(super) phases: &'a [super::Phase],
    pub(super) evidence: &'a [(String, String)],
}

/// Reads one `[[requirements]]` table.
pub(super) fn read(
    node: Node<'_>,
    surroundings: &Surroundings<'_>,
    errors: &mut Errors,
) -> Option<Requirement> {
    let id = node
        .value
        .as_table()
        .and_then(|table| table.get("id"))
        .map(Node::of);
    let span = id.map_or(node.span, |id| id.span);
    let what = match id.and_then(|id| id.value.as_str()) {
        Some(id) => format!("the requirement `{id}`"),
        None => "a requirement".to_owned(),
    };
    let fields = Fields::of_node(what, node, span, &KEYS, errors)?;
    let id = fields.required_text("id", errors);
    if !is_kebab_case(&id) {
        errors.push(
            span,
            format!("`{id}` is not in kebab-case"),
            "write it like `create-vpc`",
        );
    }
    let place = |key| fields.get(key).map_or(span, |node| node.span);
    let phase = fields.required_text("phase", errors);
    let actor = fields.text("actor", errors).unwrap_or_else(|| {
        surroundings
            .phases
            .iter()
            .find(|known| known.name == phase)
            .and_then(|known| known.actor.clone())
            .unwrap_or_else(|| surroundings.default_actor.to_owned())
    });
    let strength = fields
        .word("strength", &Strength::WORDS, errors)
        .unwrap_or(Strength::Required);
    let breaks = match strength {
        Strength::Required => fields.required_text("breaks", errors),
        Strength::Recommended | Strength::Optional => {
            fields.text("breaks", errors).unwrap_or_default()
        }
    };
    let mut features = read_features(&fields, errors).into_iter();
    Some(Requirement {
        id,
        phase,
        action: fields.required_text("action", errors),
        targets: read_targets(&fields, errors),
        feature: features.next().unwrap_or_else(|| "base".to_owned()),
        with: features.collect(),
        strength,
        tagged: fields.boolean("tagged", errors),
        context: read_context(&fields, "context", errors),
        absent: read_keys(&fields, "absent", errors),
        passes: read_passes(&fields, errors),
        first_use: fields.boolean("first-use", errors).unwrap_or(false),
        actor,
        alternative: fields.text("alternative", errors),
        tool: fields
            .word("tool", &Tool::WORDS, errors)
            .unwrap_or(Tool::Api),
        why: fields.required_text("why", errors),
        breaks,
        evidence: read_evidence(&fields, surroundings.evidence, errors),
        from: None,
        span,
        action_span: place("action"),
        phase_span: place("phase"),
        feature_span: place("feature"),
    })
}

/// Reads one feature, or several that must all be on.
fn read_features(fields: &Fields<'_>, errors: &mut Errors) -> Vec<String> {
    let Some(node) = fields.get("feature") else {
        return Vec::new();
    };
    if !node.value.is_array() {
        return fields.text("feature", errors).into_iter().collect();
    }
    let texts = fields.texts("feature", errors).into_iter();
    texts.map(|(text, _)| text.to_owned()).collect()
}

fn read_targets(fields: &Fields<'_>, errors: &mut Errors) -> Targets {
    if let (Some(_), Some(each)) = (fields.get("resources"), fields.get("each")) {
        let help = "`resources`: one call on all of them; `each`: one call for each";
        errors.push(
            each.span,
            "a requirement has `resources` or `each`, not both",
            help,
        );
    }
    let mut uses = |key| -> Vec<ObjectUse> {
        fields
            .texts(key, errors)
            .into_iter()
            .map(|(text, span)| object_use(text, span))
            .collect()
    };
    if fields.get("each").is_some() {
        return Targets::Each(uses("each"));
    }
    let together = uses("resources");
    if together.is_empty() {
        Targets::None
    } else {
        Targets::Together(together)
    }
}

fn object_use(text: &str, span: Span) -> ObjectUse {
    let (state, object) = match text.split_once(' ') {
        Some(("new", object)) => (State::New, object),
        Some(("untagged", object)) => (State::Untagged, object),
        _ => (State::Existing, text),
    };
    ObjectUse {
        object: object.to_owned(),
        state,
        span,
    }
}

fn read_passes(fields: &Fields<'_>, errors: &mut Errors) -> Vec<Passed> {
    let Some(node) = fields.get("passes") else {
        return Vec::new();
    };
    let mut passes = Vec::new();
    for item in node.items(errors) {
        if let Some(role) = item.value.as_str() {
            passes.push(Passed {
                role: role.to_owned(),
                to: None,
                span: item.span,
            });
            continue;
        }
        let what = "an entry of `passes`";
        let Some(entry) = Fields::of_node(what, item, item.span, &["role", "to"], errors) else {
            continue;
        };
        passes.push(Passed {
            role: entry.required_text("role", errors),
            to: entry.template("to", errors),
            span: entry.get("role").map_or(item.span, |role| role.span),
        });
    }
    passes
}

pub(super) fn read_evidence(
    fields: &Fields<'_>,
    known: &[(String, String)],
    errors: &mut Errors,
) -> Vec<String> {
    let names = match fields.required("evidence", errors) {
        Some(_) => fields.texts("evidence", errors),
        None => Vec::new(),
    };
    let mut evidence = Vec::new();
    for (name, span) in names {
        match known.iter().find(|(short, _)| short == name) {
            Some((_, title)) => evidence.push(title.clone()),
            None => {
                let shorts = known.iter().map(|(short, _)| short.as_str());
                errors.unknown(span, "evidence", name, shorts);
            }
        }
    }
    evidence
}

pub(super) fn is_kebab_case(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
