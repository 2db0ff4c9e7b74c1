//! Vendor profiles: what a vendor needs, phase by phase.
//!
//! A profile is a `profile.toml` (the language is described in `policies/README.md`).
//! [`Profile::parse`] reads and checks one, resolving what it includes; [`Profile::calls`] turns
//! it into concrete authorisation [`Call`]s for one set of [`Settings`], [`Profile::must_not`] into
//! families of requests that must never be possible. Nothing here reads a file, decides a request
//! or knows a snapshot: `cli` passes texts in, `check` judges the calls.

mod call;
mod derive;
mod difference;
mod embed;
mod expand;
mod facts;
mod family;
mod follow;
mod generation;
mod impossible;
mod include;
mod load;
mod managed;
mod must_not;
mod read;
mod representative;
mod requirement;
mod settings;
mod tags;
mod template;
mod unused;
mod validate;
mod variable;
mod weakness;

pub use call::{Call, CallResource, ContextValue, TagOnCreate};
pub use derive::{passes_roles, tagging_call};
pub use difference::{Change, Difference, FieldChange};
pub use embed::{Shipped, shipped, shipped_profiles, similar_names};
pub use expand::GLOBAL_SERVICES;
pub use family::Forbidden;
pub use generation::{BoundaryPolicy, Generation};
pub use impossible::Impossible;
pub use managed::{AwsManaged, aws_managed, aws_managed_policies};
pub use must_not::{ActionText, MustNot, Thing};
pub use read::ProfileError;
pub use requirement::{ObjectUse, Passed, Requirement, State, Strength, Targets, Tool};
pub use settings::{SettingError, Settings};
pub use template::{Binding, Template};
pub use unused::Unused;
pub use variable::{Variable, VariableKind};
pub use weakness::{WEAKNESSES, Weakness};

use crate::source::Span;

/// What one vendor needs, in one way of deployment.
#[derive(Clone, Debug)]
pub struct Profile {
    /// `vendor/profile`, or the path of a profile of one's own.
    pub name: String,
    /// What it is called in headings.
    pub title: String,
    /// One line about it.
    pub summary: String,
    /// The actor that is judged unless another is asked for.
    pub default_actor: String,
    /// Where the facts come from.
    pub source: Provenance,
    /// What can be set, in the order of the text.
    pub variables: Vec<Variable>,
    /// The tags that the vendor puts on everything it creates.
    pub tags: Vec<(Template, Template)>,
    /// Who makes the calls.
    pub actors: Vec<Actor>,
    /// The phases in order.
    pub phases: Vec<Phase>,
    /// What switches requirements on and off; `base` is always on and not listed.
    pub features: Vec<Feature>,
    /// The kinds of things that requests name.
    pub objects: Vec<Object>,
    /// What must be allowed, in the order of the phases and the text.
    pub requirements: Vec<Requirement>,
    /// What must never be possible, in the order of the text.
    pub must_nots: Vec<MustNot>,
    /// What no policy can close, in the order of the text.
    pub impossibles: Vec<Impossible>,
    /// What `generate` needs to know beside the requirements.
    pub generation: Option<Generation>,
    /// The vendor's documents that lie beside the profile.
    pub documents: Vec<Document>,
    /// What was left out of included profiles, and why.
    pub omitted: Vec<Omitted>,
}

/// Where the facts of a profile come from.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// The vendor's document.
    pub document: String,
    /// Who published it.
    pub publisher: String,
    /// Its version or date as published.
    pub revision: String,
    /// When it was read.
    pub retrieved: String,
    /// Differences and assumptions, one sentence each.
    pub notes: Vec<String>,
}

/// Who makes a call.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The name that requirements use.
    pub name: String,
    /// What sort of principal it is.
    pub kind: ActorKind,
    /// Its ARN, or the name of a service.
    pub principal: Template,
    /// Who that is, in words.
    pub title: String,
    /// Context keys of every request of this actor.
    pub context: Vec<(Key, Values)>,
    /// Context keys that no request of this actor carries.
    pub absent: Vec<Key>,
    /// Who creates the user or role behind it; none: it is there, or no user or role of the account.
    pub made_by: Option<MadeBy>,
    /// The object that is its user or role: path, name, tags and permissions boundary.
    pub object: Option<String>,
    /// The ARNs of the AWS managed policies that are attached to it.
    pub attached: Vec<Template>,
    /// The place of its name in the profile.
    pub span: Span,
}

impl Actor {
    /// Returns the texts with variables in it.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        std::iter::once(&self.principal)
            .chain(context_templates(&self.context))
            .chain(self.absent.iter().map(|key| &key.text))
            .chain(&self.attached)
    }
}

/// Who creates the user or role behind an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MadeBy {
    /// The customer, before the vendor begins.
    Customer,
    /// The vendor, with the access that it was given.
    Vendor,
}

impl MadeBy {
    /// Every value with the word that profiles write.
    pub const WORDS: [(&'static str, Self); 2] =
        [("customer", Self::Customer), ("vendor", Self::Vendor)];

    /// Returns the word that profiles write.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }
}

/// The sorts of principals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// An IAM user.
    User,
    /// A session of an assumed role.
    RoleSession,
    /// A session that a web identity token started.
    WebIdentity,
    /// The root user of an account.
    Root,
    /// An AWS service.
    Service,
    /// A request without a signature.
    Anonymous,
}

impl ActorKind {
    /// Every kind with the word that profiles write.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("user", Self::User),
        ("role-session", Self::RoleSession),
        ("web-identity", Self::WebIdentity),
        ("root", Self::Root),
        ("service", Self::Service),
        ("anonymous", Self::Anonymous),
    ];

    /// Returns the word that profiles write.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }
}

/// A step of the vendor's work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// The name that requirements use.
    pub name: String,
    /// The heading.
    pub title: String,
    /// Who acts in it unless a requirement says otherwise.
    pub actor: Option<String>,
    /// Until when the access is needed.
    pub until: Option<Until>,
    /// How many minutes after provisioning began it begins, about.
    pub minute: Option<u32>,
    /// The place of its name in the profile that wrote it.
    pub span: Span,
}

/// Until when a phase's access is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Only until the first cluster stands.
    Bootstrap,
    /// As long as the cluster runs.
    Steady,
    /// For taking everything down again.
    Teardown,
}

impl Until {
    /// Every value with the word that profiles write.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("bootstrap", Self::Bootstrap),
        ("steady", Self::Steady),
        ("teardown", Self::Teardown),
    ];

    /// Returns the word that profiles write.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }
}

/// Something that a customer may or may not use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// The name that requirements and `--feature` use.
    pub name: String,
    /// The heading.
    pub title: String,
    /// Whether it is on unless asked otherwise.
    pub default: bool,
    /// What it is.
    pub description: String,
}

/// A kind of thing that requests name.
#[derive(Clone, Debug)]
pub struct Object {
    /// The name that requirements use.
    pub name: String,
    /// `service:type`, as the Service Authorization Reference names it.
    pub resource_type: String,
    /// Its ARN; `*` stands for any text.
    pub arn: Template,
    /// Who made it.
    pub owner: Owner,
    /// Its tags, beside or instead of the profile's.
    pub tags: Vec<(Template, Template)>,
    /// Context keys that it brings to a request that names it.
    pub context: Vec<(Key, Values)>,
    /// The permissions boundary of a role or user; an empty text is "none".
    pub boundary: Option<Template>,
    /// The account that owns it, where its ARN names none.
    pub account: Option<Template>,
    /// What is known about a KMS key's policy.
    pub key_policy: Option<KeyPolicy>,
    /// The place of its name in the profile.
    pub span: Span,
}

impl Object {
    /// Returns the texts with variables in it.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let tags = self.tags.iter().flat_map(|(key, value)| [key, value]);
        let context = context_templates(&self.context);
        let single = [&self.boundary, &self.account];
        std::iter::once(&self.arn)
            .chain(tags)
            .chain(context)
            .chain(single.into_iter().flatten())
    }
}

/// Who made an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The vendor: it carries the profile's tags.
    Ours,
    /// Somebody else in the account.
    Foreign,
    /// AWS: it belongs to no account.
    Aws,
    /// An AWS service on the vendor's behalf: it carries only its own tags.
    Service,
}

impl Owner {
    /// Every value with the word that profiles write.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("ours", Self::Ours),
        ("foreign", Self::Foreign),
        ("aws", Self::Aws),
        ("service", Self::Service),
    ];
}

/// What is known about the policy of a KMS key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPolicy {
    /// The default key policy: it leaves the decision to the account's identity policies.
    Default,
}

/// The name of a context key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// As the profile writes it.
    pub name: String,
    /// The same with its variables apart.
    pub text: Template,
    /// The place of the name in the profile that wrote it.
    pub span: Span,
}

/// The values of a context key.
#[derive(Clone, Debug)]
pub enum Values {
    /// One value.
    One(Template),
    /// A list, sent in one request.
    Many(Vec<Template>),
    /// One request for each value.
    Each(Vec<Template>),
}

impl Values {
    /// Returns the templates in it.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        match self {
            Self::One(one) => std::slice::from_ref(one).iter(),
            Self::Many(many) | Self::Each(many) => many.iter(),
        }
    }
}

/// A document that lies beside a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The file's name.
    pub file: String,
    /// What sort of policy it is, as `--kind` names it.
    pub kind: String,
    /// Whose access it is about.
    pub actor: Option<String>,
    /// Whether it is unchanged, as the vendor publishes it.
    pub published: bool,
    /// What it is.
    pub title: String,
    /// The place of its file name in the profile.
    pub span: Span,
}

/// A requirement of an included profile that this vendor does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Omitted {
    /// The included profile.
    pub profile: String,
    /// The ids of its requirements.
    pub requirements: Vec<String>,
    /// Why they are left out.
    pub reason: String,
}

impl Profile {
    /// Returns the actor with this name.
    #[must_use]
    pub fn actor(&self, name: &str) -> Option<&Actor> {
        self.actors.iter().find(|actor| actor.name == name)
    }

    /// Returns the object with this name.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<&Object> {
        self.objects.iter().find(|object| object.name == name)
    }

    /// Returns the phase with this name.
    #[must_use]
    pub fn phase(&self, name: &str) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.name == name)
    }

    /// Returns the feature with this name; `base` is none.
    #[must_use]
    pub fn feature(&self, name: &str) -> Option<&Feature> {
        self.features.iter().find(|feature| feature.name == name)
    }

    /// Returns the variable with this name.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }
}

/// Returns the texts with variables in context keys and their values.
fn context_templates(context: &[(Key, Values)]) -> impl Iterator<Item = &Template> {
    context
        .iter()
        .flat_map(|(key, values)| std::iter::once(&key.text).chain(values.templates()))
}

fn word_of<T: PartialEq + Copy>(words: &[(&'static str, T)], value: T) -> &'static str {
    words
        .iter()
        .find(|(_, candidate)| *candidate == value)
        .map_or("", |(word, _)| word)
}
