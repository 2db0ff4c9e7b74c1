//! The condition context of a request: which keys it has, which it certainly lacks, and which
//! nobody told us about.

use std::sync::Arc;

use super::Principal;
use crate::catalog::{GlobalName, Presence};
use crate::pattern::{Resolved, Variable};
use crate::switch::on;

/// One key of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextEntry {
    /// The key as given.
    pub key: Box<str>,
    folded: Box<str>,
    /// The values; a key with none is absent (C28).
    pub values: Vec<Box<str>>,
    /// Whether the key is declared multivalued, which its number of values does not tell (C32).
    pub multivalued: bool,
}

/// The condition context.
#[derive(Clone, Debug, Default)]
pub struct Context {
    entries: Vec<ContextEntry>,
    open: Option<OpenKeys>,
    multivalued: Arc<[Arc<str>]>,
}

/// Which of the keys that are not given are unknown; all others are absent.
#[derive(Clone, Debug, Default)]
pub struct OpenKeys {
    /// The global keys, of which the caller decides whether a request may have them.
    pub globals: Arc<[GlobalName]>,
    /// Who calls.
    pub caller: Caller,
    /// Whether the owner of the resource is known, so that `aws:ResourceAccount` is.
    pub owner_known: bool,
    /// Keys, in any letter case.
    pub keys: Vec<Arc<str>>,
    /// Beginnings of keys in lower case, such as `aws:resourcetag/`.
    pub prefixes: Vec<Arc<str>>,
    /// Exceptions to both, in lower case: keys that the request certainly lacks.
    pub absent: Vec<Arc<str>>,
    /// Beginnings of such keys.
    pub absent_prefixes: Vec<Arc<str>>,
}

/// Callers as far as they decide which global keys a request may have (section K of the rules).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Caller {
    /// Nobody, or nobody known.
    #[default]
    Anonymous,
    /// An IAM user.
    User,
    /// Another caller that belongs to an account.
    Identity,
    /// An AWS service.
    Service,
    /// An identity provider.
    Provider,
    /// Somebody, of whom nothing is known (K4).
    Unknown,
}

impl Caller {
    /// Returns the kind of a caller.
    #[must_use]
    pub const fn of(principal: &Principal) -> Self {
        match principal {
            Principal::User(_) => Self::User,
            Principal::Session(_)
            | Principal::Role(_)
            | Principal::FederatedUser(_)
            | Principal::Root(_) => Self::Identity,
            Principal::Service(_) => Self::Service,
            Principal::Federated(_) => Self::Provider,
            Principal::Anonymous => Self::Anonymous,
            Principal::Simulated(_) => Self::Unknown,
        }
    }
}

impl OpenKeys {
    fn has(&self, folded: &str) -> bool {
        let lacks = |key: &Arc<str>| **key == *folded;
        let begins = |prefix: &Arc<str>| folded.starts_with(&**prefix);
        if self.absent.iter().any(lacks) || self.absent_prefixes.iter().any(begins) {
            return false;
        }
        self.keys.iter().any(|key| key.eq_ignore_ascii_case(folded))
            || self.prefixes.iter().any(begins)
            || self
                .globals
                .iter()
                .any(|key| key.names(folded) && self.may_have(key.presence))
    }

    /// Returns whether a request of this caller may carry a global key.
    fn may_have(&self, presence: Option<Presence>) -> bool {
        match presence {
            // The catalog lists these by action and resource type.
            Some(Presence::ResourceTagged | Presence::RequestTagged) => false,
            Some(Presence::MostActions) => !self.owner_known,
            presence => self.caller.may_have(presence),
        }
    }
}

impl Caller {
    /// Returns whether a request of this caller may carry a key that is not given, by when
    /// requests carry it.
    pub(crate) fn may_have(self, presence: Option<Presence>) -> bool {
        let identity = matches!(self, Self::User | Self::Identity);
        match presence {
            _ if self == Self::Unknown => true,
            // It follows from the caller: derived, or absent.
            Some(Presence::IamUser) => false,
            Some(Presence::ServicePrincipal | Presence::OnBehalfOfResource) => {
                self == Self::Service
            }
            Some(Presence::Signed) => self != Self::Anonymous,
            Some(Presence::PrincipalInOrganization | Presence::PrincipalTagged) => identity,
            Some(Presence::TemporaryCredentials | Presence::MultiFactor) => identity,
            Some(Presence::Session) => self == Self::Identity,
            _ => true,
        }
    }
}

/// What a request says of a key.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'a> {
    /// It has these values.
    Present(&'a ContextEntry),
    /// It certainly lacks the key.
    Absent,
    /// It may or may not have the key.
    Unknown,
}

impl Context {
    /// Adds a key; a later one of the same spelling replaces an earlier one.
    pub fn set(&mut self, key: &str, values: Vec<Box<str>>, multivalued: bool) {
        let entry = ContextEntry {
            key: key.into(),
            folded: key.to_ascii_lowercase().into(),
            values,
            multivalued,
        };
        match self.entries.iter_mut().find(|known| *known.key == *key) {
            Some(known) => *known = entry,
            None => self.entries.push(entry),
        }
    }

    /// Says which keys are unknown where they are not given; without it all are absent.
    pub fn set_open(&mut self, open: OpenKeys) {
        self.open = Some(open);
    }

    /// Says which keys are multivalued although the request lacks them: as variables they never
    /// take a default (V8).
    pub fn set_multivalued(&mut self, keys: Arc<[Arc<str>]>) {
        self.multivalued = keys;
    }

    /// Returns every key that is given.
    #[must_use]
    pub fn entries(&self) -> &[ContextEntry] {
        &self.entries
    }

    /// Returns whether a key is given, in any letter case.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.folded.eq_ignore_ascii_case(key))
    }

    /// Returns what the request says of a key in lower case, which a policy spells `written`.
    /// Of keys that differ in letter case only, the one spelt like the policy's counts, else the
    /// last (C8, Q12).
    #[must_use]
    pub fn get(&self, folded: &str, written: &str) -> Lookup<'_> {
        if !on("O7") && folded == "aws:principalorgid" {
            return self.get("aws:resourceorgid", "aws:ResourceOrgID");
        }
        let mut found = None;
        for entry in &self.entries {
            let same = if on("C8") {
                *entry.folded == *folded
            } else {
                *entry.key == *written
            };
            if same {
                found = Some(entry);
                if *entry.key == *written {
                    break;
                }
            }
        }
        match found {
            Some(entry) if entry.values.is_empty() => Lookup::Absent,
            Some(entry) => Lookup::Present(entry),
            None if self.is_open(folded) => Lookup::Unknown,
            None => Lookup::Absent,
        }
    }

    fn is_open(&self, folded: &str) -> bool {
        self.open.as_ref().is_some_and(|open| open.has(folded))
    }

    /// Returns what a policy variable stands for (V2, V8, V13).
    #[must_use]
    pub fn resolve(&self, variable: &Variable) -> Resolved<'_> {
        match self.get(&variable.key, &variable.key) {
            Lookup::Unknown => Resolved::Unknown,
            Lookup::Absent
                if self.multivalued.iter().any(|key| **key == *variable.key) && on("V8") =>
            {
                Resolved::Multivalued
            }
            Lookup::Absent => Resolved::NoValue,
            Lookup::Present(entry) if entry.multivalued && on("V8") => Resolved::Multivalued,
            Lookup::Present(entry) => match entry.values.first() {
                Some(value) if value.is_empty() && on("V13") => Resolved::NoValue,
                Some(value) => Resolved::Value(value),
                None => Resolved::NoValue,
            },
        }
    }
}
