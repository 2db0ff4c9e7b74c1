//! What a bootstrap makes in a customer's account: every object with its final document and why.
//!
//! A [`Plan`] is plain data, complete before anything is written. What is wanted and what is found
//! in the account are of one type, [`What`], so that their difference is a comparison.

mod account;
mod after;
mod difference;
mod drift;
mod gate;
mod make;

pub use after::after;
pub use difference::differences;
pub use drift::{Drift, State, drift, look};
pub use gate::{NothingOfClass, UNREAD_SCPS, gate};
pub use make::{Access, KEY_TO_COME, Order, make, owned};

use crate::account::Unread;

/// An account as a bootstrap sees it: what there is of what a plan wants.
pub trait Ground {
    /// Returns what there is under the name of what is wanted: found by its name (a policy by its
    /// ARN, an account by its name), never by its content. None: there is nothing of that name.
    ///
    /// An attachment is there or not. Of access keys, the ids that there are; none where the user
    /// has no key, or where there is no user.
    ///
    /// # Errors
    ///
    /// It could not be read: then nobody may say that it is not there.
    fn observe(&mut self, wanted: &What) -> Result<Option<What>, Box<Unread>>;
}

/// A bootstrap, ready to be shown, checked and applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The profiles that it is for, in the order of the command line.
    pub parts: Vec<Part>,
    /// The name of this bootstrap: the value of [`OWNERSHIP_TAG`] on everything that it makes.
    pub installation: String,
    /// The partition.
    pub partition: String,
    /// The account in which the objects are made; none where it is still to be created.
    pub account: Option<String>,
    /// When it was made: RFC 3339, UTC.
    pub made: String,
    /// The ARN of whoever made it.
    pub by: String,
    /// The objects, in the order in which they are made.
    pub objects: Vec<Object>,
    /// Whether the after-state may be made.
    pub gate: Gate,
    /// What the customer tells the vendor afterwards: a label and a value.
    pub hand_over: Vec<(String, String)>,
}

/// One profile of a plan, with the settings for which its documents were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// `vendor/profile`.
    pub profile: String,
    /// The profile's title.
    pub title: String,
    /// The values of the profile's variables.
    pub variables: Vec<(String, Vec<String>)>,
    /// The features that are switched on or off.
    pub features: Vec<(String, bool)>,
}

/// Stands for the id of a member account that is still to be created, in every ARN and document of
/// a plan; no account has it. [`Plan::in_account`] puts the id in its place.
pub const ACCOUNT_TO_COME: &str = "000000000000";

/// The tag that says which bootstrap made an object.
pub const OWNERSHIP_TAG: &str = "rolecall:installation";

/// One object of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Its name in the plan and the journal, such as `policy/mengi-boundary`.
    pub key: String,
    /// What is wanted.
    pub what: What,
    /// Why, in one line.
    pub why: String,
    /// What each statement of its document is for: `Sid` and words.
    pub reasons: Vec<(String, String)>,
    /// What there was when the plan was made.
    pub found: Found,
}

/// An object as it is wanted, or as it is found.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A member account of the organization.
    Account(Account),
    /// A customer managed policy.
    Policy(Policy),
    /// A user.
    User(User),
    /// A role.
    Role(Role),
    /// A managed policy on a user or role.
    Attachment(Attachment),
    /// An access key of a user; its secret is never here.
    AccessKey(AccessKey),
}

/// A member account of the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name, by which it is found again: `CreateAccount` has no client token.
    pub name: String,
    /// The e-mail address of its root user.
    pub email: String,
    /// The role through which the management account enters it. It stays an administrator.
    pub role: String,
    /// Its id, once there is one.
    pub id: Option<String>,
}

/// A customer managed policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its description.
    pub description: String,
    /// The document, as text.
    pub document: String,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// A role.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its description.
    pub description: String,
    /// The role trust policy, as text.
    pub trust: String,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// A managed policy on a user or role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The ARN of the user or role.
    pub entity: String,
    /// The ARN of the policy.
    pub policy: String,
}

/// Access keys of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// The ARN of the user.
    pub user: String,
    /// The ids that there are; none where one is wanted.
    pub ids: Vec<String>,
}

/// What there was when a plan was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nobody looked: the plan was made offline, or the account is still to be created.
    NotLooked,
    /// Nothing of this name.
    Absent,
    /// Exactly what is wanted, and it is ours or may be adopted.
    Same,
    /// Something of this name that differs: line by line, what is there and what is wanted.
    Differs(Vec<Difference>),
    /// It could not be read, for this reason.
    Unknown(String),
}

/// One difference between what is there and what is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of what: `document`, `boundary`, `tag Vendor`.
    pub of: String,
    /// What is there; empty: nothing.
    pub there: String,
    /// What is wanted; empty: nothing.
    pub wanted: String,
}

/// Whether what the plan makes may be made: only what meets every required requirement and is
/// isolated, but for what somebody has accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// Required requirements of the after-state that are not met, and documents that AWS would
    /// refuse. Nobody can accept these.
    pub unmet: Vec<String>,
    /// Ways in which the vendor could leave its access: class (`W5`) and words; also those that are
    /// accepted.
    pub weaknesses: Vec<(String, String)>,
    /// What could not be told: class (`unread-scps`, `undecided`, `W5`) and words; also what is
    /// accepted.
    pub unknown: Vec<(String, String)>,
    /// Classes that somebody takes upon them: class and reason.
    pub accepted: Vec<(String, String)>,
    /// What the linter says of the documents: rule and words. It stops nothing.
    pub findings: Vec<(String, String)>,
}

impl Gate {
    /// Whether the plan may be applied.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.unmet.is_empty()
            && self
                .weaknesses
                .iter()
                .chain(&self.unknown)
                .all(|it| self.is_accepted(&it.0))
    }

    /// Whether it is certain that the plan may not be applied: more than an open question stands
    /// against it.
    #[must_use]
    pub fn refuses(&self) -> bool {
        !self.unmet.is_empty() || !self.weaknesses.iter().all(|it| self.is_accepted(&it.0))
    }

    /// Whether somebody takes this class upon them.
    #[must_use]
    pub fn is_accepted(&self, class: &str) -> bool {
        self.accepted.iter().any(|(known, _)| known == class)
    }
}

impl What {
    /// Returns the name by which the object is known in its account: an ARN, but for an account.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Account(it) => &it.name,
            Self::Policy(it) => &it.arn,
            Self::User(it) => &it.arn,
            Self::Role(it) => &it.arn,
            Self::Attachment(it) => &it.policy,
            Self::AccessKey(it) => &it.user,
        }
    }

    /// Returns what sort of object it is, in words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Account(_) => "member account",
            Self::Policy(_) => "policy",
            Self::User(_) => "user",
            Self::Role(_) => "role",
            Self::Attachment(_) => "attachment",
            Self::AccessKey(_) => "access key",
        }
    }

    /// Returns the document that the object carries.
    #[must_use]
    pub fn document(&self) -> Option<&str> {
        match self {
            Self::Policy(it) => Some(&it.document),
            Self::Role(it) => Some(&it.trust),
            _ => None,
        }
    }
}
