//! Calls: requirements with everything filled in, ready to be judged.
//!
//! Where a resource, or the value of a context key, stands for a family, the call is needed for
//! every member of it; the made-up member is one of them.
//!
//! Three classes of context keys. **Fixed** keys are in `context`, of the call or of one of its
//! resources. **Absent** keys are in `absent`, and so is every `aws:RequestTag/…` that is not
//! fixed, every `aws:ResourceTag/…` that is not fixed on a resource whose `open_tags` is false,
//! and every key that the catalog lists neither for the action, nor for the resource's type, nor
//! as a global key. All others are **free**: any value, or absent.

use super::requirement::{Strength, Tool};
use super::{KeyPolicy, Profile};

/// One authorisation call, everything concrete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The requirement's id; for a derived call followed by `/` and its action.
    pub id: String,
    /// The requirement's position in [`Profile::requirements`].
    pub requirement: usize,
    /// The id of the requirement that causes it, for a derived call.
    pub derived_from: Option<String>,
    /// The phase's name.
    pub phase: String,
    /// The feature that switches it on; `base` is always on.
    pub feature: String,
    /// Further features without which it is off.
    pub with: Vec<String>,
    /// How much its absence matters.
    pub strength: Strength,
    /// Who makes it.
    pub actor: String,
    /// The action, `service:Name`.
    pub action: String,
    /// What it is checked on, each with its own context; none: the action has no resource.
    pub resources: Vec<CallResource>,
    /// Context keys of the whole request that are fixed.
    pub context: Vec<(String, ContextValue)>,
    /// Context keys that the request certainly leaves out.
    pub absent: Vec<String>,
    /// Which member of a fan-out this is, such as `region` and `eu-central-1`.
    pub variant: Vec<(String, String)>,
    /// What it is for.
    pub why: String,
    /// What an operator sees without it.
    pub breaks: String,
    /// What makes it.
    pub tool: Tool,
    /// Where this is known from.
    pub evidence: Vec<String>,
    /// The group of which one requirement is enough.
    pub alternative: Option<String>,
}

/// Something that a call is checked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallResource {
    /// Its ARN; for a family, that of a made-up member.
    pub arn: String,
    /// The family as a pattern with `*`, when it stands for many.
    pub family: Option<String>,
    /// Its type, `service:type`.
    pub resource_type: String,
    /// The account that owns it; none for things of AWS itself.
    pub account: Option<String>,
    /// Whether the call creates it.
    pub created: bool,
    /// Context keys that are fixed on this resource only.
    pub context: Vec<(String, ContextValue)>,
    /// Context keys that this resource certainly lacks.
    pub absent: Vec<String>,
    /// Whether it may carry tags beside those in `context`.
    pub open_tags: bool,
    /// Whether `aws:ResourceTag/…` of what is created equals the request's tags.
    pub tag_on_create: TagOnCreate,
    /// What is known about a KMS key's policy; none: nothing.
    pub key_policy: Option<KeyPolicy>,
}

/// Whether AWS fills `aws:ResourceTag/…` from the tags in the request that creates a resource
/// (IAM User Guide, "Global condition context keys": in general; not documented by service).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagOnCreate {
    /// It does, and `context` has them.
    Certain,
    /// Not known: a verdict that depends on it is unknown.
    Unknown,
    /// Nothing is created with tags.
    NotApplicable,
}

/// The value of a context key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextValue {
    /// One value.
    One(String),
    /// A list, in one request.
    Many(Vec<String>),
    /// One value of a family: another one for each of the things that it names.
    Family {
        /// That of a made-up member.
        member: String,
        /// The family as a pattern with `*`.
        pattern: String,
    },
}

impl ContextValue {
    /// Returns the values in the request, that of the made-up member where it is a family.
    #[must_use]
    pub fn values(&self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one.clone()],
            Self::Many(many) => many.clone(),
            Self::Family { member, .. } => vec![member.clone()],
        }
    }
}

impl Call {
    /// Returns whether it stands for many requests, of which it shows a made-up one.
    #[must_use]
    pub fn is_one_of_many(&self) -> bool {
        let is_family =
            |(_, value): &(String, ContextValue)| matches!(value, ContextValue::Family { .. });
        let mut own = self.resources.iter().flat_map(|it| &it.context);
        self.resources.iter().any(|it| it.family.is_some())
            || self.context.iter().any(is_family)
            || own.any(is_family)
    }

    /// Returns the fan-out in words, such as `region eu-central-1`; empty without one.
    #[must_use]
    pub fn variant_text(&self) -> String {
        let words: Vec<String> = self
            .variant
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        words.join(", ")
    }

    /// Returns the features that must be on.
    pub fn features(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.feature)
            .chain(&self.with)
            .map(String::as_str)
    }

    /// Returns the requirement behind it.
    #[must_use]
    pub fn requirement_of<'p>(&self, profile: &'p Profile) -> Option<&'p super::Requirement> {
        profile.requirements.get(self.requirement)
    }
}
