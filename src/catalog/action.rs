//! Actions: what a policy's `Action` element names.

use std::fmt;
use std::sync::Arc;

use super::Names;

/// One action of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The name without the service prefix, as AWS writes it: `RunInstances`.
    pub name: Arc<str>,
    /// AWS's access levels; empty when the source has none that is known here.
    pub access_levels: AccessLevels,
    /// True when the action is known to be no API operation but a permission only. False also
    /// when nothing is known: the marks come from an older source than the rest (see `Info`).
    pub permission_only: bool,
    /// The resource types that it is authorised on, by name; none means `Resource` must be `*`.
    pub resource_types: Vec<ActionResource>,
    /// Condition keys of the action itself, whatever the resource.
    pub condition_keys: Names,
    /// Actions that a successful call may need besides, as `service:Name`.
    pub dependent_actions: Names,
}

impl Action {
    /// Returns the row of a resource type, in any letter case.
    #[must_use]
    pub fn resource_type(&self, name: &str) -> Option<&ActionResource> {
        self.resource_types
            .iter()
            .find(|row| row.name.eq_ignore_ascii_case(name))
    }

    /// Returns the resource types that every call is authorised on.
    pub fn required_resource_types(&self) -> impl Iterator<Item = &ActionResource> {
        self.resource_types.iter().filter(|row| row.required)
    }
}

/// A resource type of an action: a row of AWS's "Actions" table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionResource {
    /// The name of the resource type, in the same service.
    pub name: Arc<str>,
    /// Whether every call is authorised on one; AWS marks it with `*`.
    pub required: bool,
    /// False when the source does not say, as AWS's Service Reference JSON; then `required` is
    /// false too.
    pub required_known: bool,
    /// Condition keys on this type: the row's own where AWS lists some, else the type's.
    pub condition_keys: Names,
    /// Whether `condition_keys` are the resource type's.
    pub inherits_condition_keys: bool,
    /// Why the catalog has this row although AWS's reference does not.
    pub evidence: Option<Arc<str>>,
}

/// An access level, in AWS's words (IAM User Guide, "Access levels in policy summaries").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccessLevel {
    /// Lists resources, without their contents.
    List,
    /// Reads contents.
    Read,
    /// Creates, deletes or changes resources.
    Write,
    /// Grants or changes permissions.
    PermissionsManagement,
    /// Changes tags only.
    Tagging,
}

impl AccessLevel {
    /// Every level.
    pub const ALL: [Self; 5] = [
        Self::List,
        Self::Read,
        Self::Write,
        Self::PermissionsManagement,
        Self::Tagging,
    ];

    /// Returns AWS's words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Read => "Read",
            Self::Write => "Write",
            Self::PermissionsManagement => "Permissions management",
            Self::Tagging => "Tagging",
        }
    }

    /// Returns the level with these words, in any letter case, with a space or a hyphen.
    #[must_use]
    pub fn from_words(words: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| {
            let name = level.as_str();
            name.len() == words.len()
                && name.bytes().zip(words.bytes()).all(|(name, word)| {
                    name.eq_ignore_ascii_case(&word) || (name == b' ' && word == b'-')
                })
        })
    }
}

/// The access levels of an action; AWS gives some actions two, such as Tagging and Write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AccessLevels(u8);

impl AccessLevels {
    /// Returns whether the action has this level.
    #[must_use]
    pub const fn contains(self, level: AccessLevel) -> bool {
        self.0 & (1 << level as u8) != 0
    }

    /// Returns the levels, in the order of [`AccessLevel::ALL`].
    pub fn iter(self) -> impl Iterator<Item = AccessLevel> {
        AccessLevel::ALL
            .into_iter()
            .filter(move |level| self.contains(*level))
    }

    /// Returns whether no level is known.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<AccessLevel> for AccessLevels {
    fn from_iter<I: IntoIterator<Item = AccessLevel>>(levels: I) -> Self {
        Self(
            levels
                .into_iter()
                .fold(0, |bits, level| bits | 1 << level as u8),
        )
    }
}

impl fmt::Display for AccessLevels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("unknown");
        }
        for (at, level) in self.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{}", level.as_str())?;
        }
        Ok(())
    }
}
