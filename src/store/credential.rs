//! What a credential is: its record and the states of its life, without the secret itself.
//!
//! An access key's id is no secret, but it is masked wherever it is shown; [`AccessKeyId::as_str`]
//! gives it in full. An external ID is no secret either (IAM User Guide, "Access to AWS accounts
//! owned by third parties": AWS does not treat it as one).

use std::fmt;

use jiff::Timestamp;
use secrecy::SecretString;

use super::error::StoreError;

/// The id of an access key; shown masked.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AccessKeyId(String);

impl AccessKeyId {
    /// Reads the id of a long-lived access key.
    ///
    /// # Errors
    ///
    /// If it cannot be one: of 16 to 128 letters, digits and underscores (IAM API Reference,
    /// "`AccessKey`"), and not a temporary one, which would soon be worth nothing (IAM User Guide,
    /// "IAM identifiers": `ASIA`).
    pub fn new(text: &str) -> Result<Self, StoreError> {
        let is_letter = |it: char| it.is_ascii_alphanumeric() || it == '_';
        if !(16..=128).contains(&text.len()) || !text.chars().all(is_letter) {
            return Err(StoreError::Unfit {
                what: "the access key id",
                reason: "it must have 16 to 128 letters, digits and underscores",
            });
        }
        if text.starts_with("ASIA") {
            return Err(StoreError::Unfit {
                what: "the access key id",
                reason: "it is that of a temporary key, which cannot be kept",
            });
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // INVARIANT: ASCII and at least 16 bytes, by `new`.
        let (start, end) = (self.0.get(..4), self.0.get(self.0.len() - 4..));
        let (start, end) = (start.unwrap_or_default(), end.unwrap_or_default());
        write!(f, "{start}…{end}")
    }
}

impl fmt::Debug for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// When something happens, and by whom.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// The time.
    pub at: Timestamp,
    /// Who acts, in words for people.
    pub by: String,
}

/// A credential as its changer has seen it. A change is refused if it was changed in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen<'a> {
    /// Whose it is.
    pub tenant: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The revision that was seen.
    pub revision: i64,
}

/// A credential that is to be kept. Its debug form shows no secret.
#[derive(Debug)]
pub struct NewCredential {
    /// Its name, once per tenant.
    pub name: String,
    /// What it is.
    pub kind: NewKind,
    /// The region where nothing else is said.
    pub region: Option<String>,
    /// The profile whose requirements it is to meet.
    pub profile: Option<String>,
    /// How the profile is set.
    pub settings: Settings,
}

/// How the profile of a credential is set: what every later validation asks again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Variables, `NAME=VALUE`.
    pub variables: Vec<String>,
    /// Features; `no-NAME` is one that is off.
    pub features: Vec<String>,
    /// Phases that are judged; none: all.
    pub phases: Vec<String>,
    /// Whether a way out of the access makes it invalid.
    pub is_isolation_required: bool,
}

/// What a credential that is to be kept consists of.
#[derive(Debug)]
pub enum NewKind {
    /// An access key of a user.
    AccessKey {
        /// Its id.
        id: AccessKeyId,
        /// Its secret.
        secret: SecretString,
    },
    /// A role to be assumed.
    Role {
        /// Its ARN.
        arn: String,
        /// The external ID that its trust policy asks for.
        external_id: Option<String>,
    },
}

/// What a kept credential consists of, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An access key of a user.
    AccessKey {
        /// Its id.
        id: AccessKeyId,
    },
    /// A role to be assumed.
    Role {
        /// Its ARN.
        arn: String,
        /// The external ID that its trust policy asks for.
        external_id: Option<String>,
    },
}

/// How far a credential is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Kept, and not validated yet.
    PendingValidation,
    /// It met every required requirement.
    Ready,
    /// It did not.
    Invalid,
    /// Given up for good; its secret is gone.
    Revoked,
}

impl State {
    const ALL: [Self; 4] = [
        Self::PendingValidation,
        Self::Ready,
        Self::Invalid,
        Self::Revoked,
    ];

    /// Returns its name, as people read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PendingValidation => "Pending Validation",
            Self::Ready => "Ready",
            Self::Invalid => "Invalid",
            Self::Revoked => "Revoked",
        }
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// What a validation found. Reasons must hold no secret: they are shown and kept as they are.
#[derive(Clone, Debug)]
pub struct Validation {
    /// The state that follows.
    pub state: State,
    /// Why.
    pub reasons: Vec<String>,
    /// The account, once AWS has said it; what was known stays if this is `None`.
    pub account: Option<String>,
    /// The ARN of the principal, likewise.
    pub principal: Option<String>,
    /// What the isolation search said, likewise.
    pub isolation: Option<String>,
}

/// How far a second key has come in taking the first one's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// It is kept.
    Received,
    /// It was found to be of the same user.
    Validated,
    /// It is the one in use.
    Switched,
    /// The old key is deactivated at AWS.
    OldDeactivated,
}

impl Step {
    const ALL: [Self; 4] = [
        Self::Received,
        Self::Validated,
        Self::Switched,
        Self::OldDeactivated,
    ];

    /// Returns its name, as people read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Validated => "validated",
            Self::Switched => "switched",
            Self::OldDeactivated => "old deactivated",
        }
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// A second key on its way to take the first one's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingKey {
    /// How far it has come.
    pub step: Step,
    /// The new key.
    pub id: AccessKeyId,
    /// The key that it replaces.
    pub replaces: AccessKeyId,
    /// When it came to this step.
    pub at: Timestamp,
    /// The credential's revision that brought the second secret: the new key's, and from the switch
    /// on the old key's.
    pub(super) secret_revision: i64,
}

/// A kept credential, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its random id.
    pub id: String,
    /// Whose it is.
    pub tenant: String,
    /// Its name, once per tenant.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The region where nothing else is said.
    pub region: Option<String>,
    /// The profile whose requirements it is to meet.
    pub profile: Option<String>,
    /// How the profile is set.
    pub settings: Settings,
    /// How far it is to be trusted.
    pub state: State,
    /// Since when.
    pub state_at: Timestamp,
    /// Why.
    pub reasons: Vec<String>,
    /// Its account, once validated.
    pub account: Option<String>,
    /// Its principal's ARN, once validated.
    pub principal: Option<String>,
    /// What the isolation search said.
    pub isolation: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// Grows with every change; who changes it says which one they have seen.
    pub revision: i64,
    /// A second key on its way.
    pub pending: Option<PendingKey>,
    /// The revision that brought the secret in use.
    pub(super) secret_revision: i64,
}

impl Credential {
    /// Returns the provider of the account; so far there is one.
    #[must_use]
    pub fn provider(&self) -> &'static str {
        PROVIDER
    }

    /// Returns what a change of it names: the credential as it was seen.
    #[must_use]
    pub fn seen(&self) -> Seen<'_> {
        Seen {
            tenant: &self.tenant,
            name: &self.name,
            revision: self.revision,
        }
    }
}

/// The only provider so far.
pub(super) const PROVIDER: &str = "aws";

/// Something that happened to a credential. The list only grows, and outlives the credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number; later ones are higher.
    pub number: i64,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub by: String,
    /// What happened.
    pub what: String,
    /// The credential's id.
    pub credential: String,
    /// The credential's name.
    pub name: String,
    /// The credential's revision since then.
    pub revision: i64,
}

/// Checks what people name things by and what stands in records.
pub(super) fn check_text(what: &'static str, text: &str) -> Result<(), StoreError> {
    if text.is_empty() || text.len() > 2048 || text.chars().any(char::is_control) {
        return Err(StoreError::Unfit {
            what,
            reason: "it must have 1 to 2,048 bytes and no control characters",
        });
    }
    Ok(())
}

/// Checks that a secret can be one: half a line or a pasted blank is found before AWS refuses it.
pub(super) fn check_secret(secret: &str) -> Result<(), StoreError> {
    let is_fit = |it: u8| it.is_ascii_graphic();
    if !(16..=256).contains(&secret.len()) || !secret.bytes().all(is_fit) {
        return Err(StoreError::Unfit {
            what: "the secret access key",
            reason: "it must have 16 to 256 visible ASCII characters and no blanks",
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_masked() {
        let id = AccessKeyId::new("AKIAIOSFODNN7EXAMPLE").unwrap();
        assert_eq!(format!("{id} {id:?}"), "AKIA…MPLE AKIA…MPLE");
        assert_eq!(id.as_str(), "AKIAIOSFODNN7EXAMPLE");
    }

    #[test]
    fn what_can_be_no_long_lived_key_is_refused() {
        for text in ["", "AKIA", "AKIAIOSFODNN7EXAMPL ", "ASIAIOSFODNN7EXAMPLE"] {
            assert!(AccessKeyId::new(text).is_err(), "{text}");
        }
        for text in [
            "",
            "short",
            "sixteen letters and blanks",
            "line\nline\nline\nline",
        ] {
            let error = check_secret(text).unwrap_err().to_string();
            assert!(text.is_empty() || !error.contains(text), "{error}");
        }
    }

    #[test]
    fn names_lead_back() {
        for state in State::ALL {
            assert_eq!(State::of_name(state.name()), Some(state));
        }
        for step in Step::ALL {
            assert_eq!(Step::of_name(step.name()), Some(step));
        }
    }
}
