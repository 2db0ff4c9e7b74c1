//! `rolecall/snapshot/v1`: an account's snapshot as text. Fields are only ever added to a version.
//!
//! A policy document is a JSON *string* in it, because its bytes matter: AWS counts them, and
//! findings point into them. What could not be read has to be said: without `unread` and without a
//! principal's `complete` a text is no snapshot, as nobody could tell silence from "all was read".

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::account::{self, Origin, Snapshot};

/// The name of the format, with its version.
pub const SCHEMA: &str = "rolecall/snapshot/v1";

const FAMILY: &str = "rolecall/snapshot/";

const HELP: &str = "write one with `rolecall snapshot --out FILE`";

/// Why a text is not read as a snapshot; each is the user's to put right.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SnapshotError {
    /// The text is no JSON.
    #[error("`{name}:{at}` is not JSON: {what}\nhelp: {HELP}; it may have been cut off")]
    NotJson {
        /// The file.
        name: String,
        /// Line and column.
        at: Place,
        /// What is wrong.
        what: String,
    },
    /// It is JSON of another kind.
    #[error("`{name}:{at}` is not a snapshot: {what}\nhelp: {HELP}")]
    NotASnapshot {
        /// The file.
        name: String,
        /// Line and column.
        at: Place,
        /// What it is, or lacks.
        what: String,
    },
    /// It is a policy document, or what the AWS CLI printed.
    #[error(
        "`{name}:{at}` is {what}, not a snapshot\nhelp: give it as a policy, with `--identity \
         {name}`, `--boundary` or another flag of its layer"
    )]
    Policies {
        /// The file.
        name: String,
        /// Line and column.
        at: Place,
        /// What it is.
        what: &'static str,
    },
    /// It was written by a newer rolecall.
    #[error(
        "`{name}:{at}` is a snapshot of the format `{schema}`, and this rolecall reads `{SCHEMA}`\n\
         help: use the rolecall that wrote it, or a newer one"
    )]
    OtherVersion {
        /// The file.
        name: String,
        /// Line and column.
        at: Place,
        /// The format.
        schema: String,
    },
    /// Something that every snapshot has is missing.
    #[error(
        "`{name}:{at}`: the object that ends here has no `{field}`\nhelp: take the snapshot again; \
         what could not be read has to be said in it"
    )]
    Missing {
        /// The file.
        name: String,
        /// Line and column.
        at: Place,
        /// The field.
        field: String,
    },
    /// A field holds something else than it should.
    #[error(
        "`{name}:{at}`: {what}\nhelp: take the snapshot again; the README describes its fields"
    )]
    WrongType {
        /// The file.
        name: String,
        /// Line and column.
        at: Place,
        /// What is wrong.
        what: String,
    },
}

/// A line and a column, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Place {
    const START: Self = Self { line: 1, column: 1 };

    /// At the end of a text serde counts no column.
    pub(super) fn of(error: &serde_json::Error) -> Self {
        Self {
            line: error.line().max(1),
            column: error.column().max(1),
        }
    }

    /// Returns where a piece of the text stands first.
    fn find(text: &str, piece: &str) -> Self {
        let at = text.find(piece).and_then(|at| u32::try_from(at).ok());
        let at = crate::source::line_column(text, at.unwrap_or_default());
        Self {
            line: at.line,
            column: at.column,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Returns a snapshot as text, always the same for the same snapshot.
#[must_use]
pub fn write(snapshot: &Snapshot) -> String {
    let saved = Saved::from(snapshot);
    // Structs of texts, numbers and lists: there is nothing in them that JSON cannot hold.
    let mut text = serde_json::to_string_pretty(&saved).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads a snapshot; `name` is the file's, for what is said about it.
///
/// # Errors
///
/// The text is not a snapshot of this version, or lacks something.
pub fn read(name: &str, text: &str) -> Result<Snapshot, SnapshotError> {
    let name = || name.to_owned();
    let text = text.trim_start_matches('\u{feff}');
    let value: Value = serde_json::from_str(text).map_err(|error| SnapshotError::NotJson {
        name: name(),
        at: Place::of(&error),
        what: words(&error),
    })?;
    is_snapshot(&name(), text, &value)?;
    drop(value);
    // Once more from the text, which has the places.
    let saved: Saved = serde_json::from_str(text).map_err(|error| {
        let (at, what) = (Place::of(&error), words(&error));
        match what
            .strip_prefix("missing field `")
            .and_then(|it| it.strip_suffix('`'))
        {
            Some(field) => SnapshotError::Missing {
                name: name(),
                at,
                field: field.to_owned(),
            },
            None => SnapshotError::WrongType {
                name: name(),
                at,
                what,
            },
        }
    })?;
    Ok(saved.into())
}

/// Returns serde's words without the place that it puts behind them.
pub(super) fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = text.rfind(" at line ");
    place.map_or(text.as_str(), |at| &text[..at]).to_owned()
}

/// Says what a text is that is not a snapshot of this version.
fn is_snapshot(name: &str, text: &str, value: &Value) -> Result<(), SnapshotError> {
    let not = |at: Place, what: String| SnapshotError::NotASnapshot {
        name: name.to_owned(),
        at,
        what,
    };
    let has = |key: &str| value.get(key).is_some();
    let schema = value.get("schema").and_then(Value::as_str);
    match schema {
        Some(SCHEMA) => Ok(()),
        Some(other) if other.starts_with(FAMILY) => Err(SnapshotError::OtherVersion {
            name: name.to_owned(),
            at: Place::find(text, other),
            schema: other.to_owned(),
        }),
        Some(other) => Err(not(Place::find(text, other), format!("it is `{other}`"))),
        None if has("Statement") => Err(SnapshotError::Policies {
            name: name.to_owned(),
            at: Place::START,
            what: "a policy document",
        }),
        None if CLI_OUTPUTS.iter().any(|it| has(it)) => Err(SnapshotError::Policies {
            name: name.to_owned(),
            at: Place::START,
            what: "an output of the AWS CLI",
        }),
        None if value.is_object() => Err(not(
            Place::START,
            format!("it has no `\"schema\": \"{SCHEMA}\"`"),
        )),
        None => Err(not(Place::START, "it is no JSON object".to_owned())),
    }
}

/// What the AWS CLI's outputs about policies have at their top.
const CLI_OUTPUTS: &[&str] = &[
    "AttachedPolicies",
    "GroupDetailList",
    "Policies",
    "Policy",
    "PolicyDocument",
    "PolicyNames",
    "PolicyVersion",
    "Role",
    "RoleDetailList",
    "Roles",
    "User",
    "UserDetailList",
    "Users",
];

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Saved {
    schema: String,
    taken: String,
    caller: Caller,
    partition: String,
    account: String,
    principals: Vec<Principal>,
    #[serde(default)]
    resource_policies: Vec<Text>,
    #[serde(default)]
    policies: Vec<ManagedPolicy>,
    #[serde(default)]
    in_no_organization: bool,
    #[serde(default)]
    organization: Option<Organization>,
    unread: Vec<Unread>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Caller {
    arn: String,
    account: String,
    user_id: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Principal {
    arn: String,
    complete: bool,
    policies: Vec<IdentityPolicy>,
    #[serde(default)]
    boundary: Option<Text>,
    #[serde(default)]
    trust: Option<Text>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    max_session: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct IdentityPolicy {
    origin: HowAttached,
    /// The group's ARN, if it is a group's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    name: String,
    document: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum HowAttached {
    Inline,
    Attached,
    Group,
}

#[derive(Serialize, Deserialize)]
struct Text {
    name: String,
    document: String,
}

#[derive(Serialize, Deserialize)]
struct Tag {
    key: String,
    value: String,
}

#[derive(Serialize, Deserialize)]
struct ManagedPolicy {
    name: String,
    document: String,
    #[serde(default)]
    tags: Vec<Tag>,
    versions: usize,
    attachments: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Organization {
    id: String,
    management_account: String,
    scps: Option<Vec<Level>>,
    rcps: Option<Vec<Level>>,
}

#[derive(Serialize, Deserialize)]
struct Level {
    target: String,
    policies: Vec<Text>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Unread {
    what: String,
    operation: String,
    #[serde(default)]
    resource: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    request_id: String,
}

/// Converts each of a list.
fn all<'a, A, B: From<&'a A>>(list: &'a [A]) -> Vec<B> {
    list.iter().map(B::from).collect()
}

/// Converts each of a list that is no longer needed.
fn each<A, B: From<A>>(list: Vec<A>) -> Vec<B> {
    list.into_iter().map(B::from).collect()
}

impl From<&Snapshot> for Saved {
    fn from(it: &Snapshot) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            taken: it.taken.clone(),
            caller: Caller {
                arn: it.caller.arn.clone(),
                account: it.caller.account.clone(),
                user_id: it.caller.user_id.clone(),
            },
            partition: it.partition.clone(),
            account: it.account.clone(),
            principals: all(&it.principals),
            resource_policies: all(&it.resource_policies),
            policies: all(&it.policies),
            in_no_organization: it.in_no_organization,
            organization: it.organization.as_ref().map(Organization::from),
            unread: all(&it.unread),
        }
    }
}

impl From<Saved> for Snapshot {
    fn from(it: Saved) -> Self {
        Self {
            taken: it.taken,
            caller: account::Caller {
                arn: it.caller.arn,
                account: it.caller.account,
                user_id: it.caller.user_id,
            },
            partition: it.partition,
            account: it.account,
            principals: each(it.principals),
            resource_policies: each(it.resource_policies),
            policies: each(it.policies),
            in_no_organization: it.in_no_organization,
            organization: it.organization.map(account::Organization::from),
            unread: each(it.unread),
        }
    }
}

impl From<&account::Principal> for Principal {
    fn from(it: &account::Principal) -> Self {
        Self {
            arn: it.arn.clone(),
            complete: it.complete,
            policies: all(&it.policies),
            boundary: it.boundary.as_ref().map(Text::from),
            trust: it.trust.as_ref().map(Text::from),
            tags: all(&it.tags),
            max_session: it.max_session,
        }
    }
}

impl From<Principal> for account::Principal {
    fn from(it: Principal) -> Self {
        Self {
            arn: it.arn,
            policies: each(it.policies),
            boundary: it.boundary.map(account::Text::from),
            trust: it.trust.map(account::Text::from),
            tags: each(it.tags),
            max_session: it.max_session,
            complete: it.complete,
        }
    }
}

impl From<&account::IdentityPolicy> for IdentityPolicy {
    fn from(it: &account::IdentityPolicy) -> Self {
        let (origin, group) = match &it.origin {
            Origin::Inline => (HowAttached::Inline, None),
            Origin::Attached => (HowAttached::Attached, None),
            Origin::Group(group) => (HowAttached::Group, Some(group.clone())),
        };
        Self {
            origin,
            group,
            name: it.text.name.clone(),
            document: it.text.text.clone(),
        }
    }
}

impl From<IdentityPolicy> for account::IdentityPolicy {
    fn from(it: IdentityPolicy) -> Self {
        let origin = match it.origin {
            HowAttached::Inline => Origin::Inline,
            HowAttached::Attached => Origin::Attached,
            HowAttached::Group => Origin::Group(it.group.unwrap_or_default()),
        };
        Self {
            origin,
            text: account::Text {
                name: it.name,
                text: it.document,
            },
        }
    }
}

impl From<&account::Text> for Text {
    fn from(it: &account::Text) -> Self {
        Self {
            name: it.name.clone(),
            document: it.text.clone(),
        }
    }
}

impl From<Text> for account::Text {
    fn from(it: Text) -> Self {
        Self {
            name: it.name,
            text: it.document,
        }
    }
}

impl From<&(String, String)> for Tag {
    fn from((key, value): &(String, String)) -> Self {
        Self {
            key: key.clone(),
            value: value.clone(),
        }
    }
}

impl From<Tag> for (String, String) {
    fn from(it: Tag) -> Self {
        (it.key, it.value)
    }
}

impl From<&account::ManagedPolicy> for ManagedPolicy {
    fn from(it: &account::ManagedPolicy) -> Self {
        Self {
            name: it.text.name.clone(),
            document: it.text.text.clone(),
            tags: all(&it.tags),
            versions: it.versions,
            attachments: it.attachments,
        }
    }
}

impl From<ManagedPolicy> for account::ManagedPolicy {
    fn from(it: ManagedPolicy) -> Self {
        Self {
            text: account::Text {
                name: it.name,
                text: it.document,
            },
            tags: each(it.tags),
            versions: it.versions,
            attachments: it.attachments,
        }
    }
}

impl From<&account::Organization> for Organization {
    fn from(it: &account::Organization) -> Self {
        Self {
            id: it.id.clone(),
            management_account: it.management_account.clone(),
            scps: it.scps.as_deref().map(all),
            rcps: it.rcps.as_deref().map(all),
        }
    }
}

impl From<Organization> for account::Organization {
    fn from(it: Organization) -> Self {
        Self {
            id: it.id,
            management_account: it.management_account,
            scps: it.scps.map(each),
            rcps: it.rcps.map(each),
        }
    }
}

impl From<&account::Level> for Level {
    fn from(it: &account::Level) -> Self {
        Self {
            target: it.target.clone(),
            policies: all(&it.policies),
        }
    }
}

impl From<Level> for account::Level {
    fn from(it: Level) -> Self {
        Self {
            target: it.target,
            policies: each(it.policies),
        }
    }
}

impl From<&account::Unread> for Unread {
    fn from(it: &account::Unread) -> Self {
        Self {
            what: it.what.clone(),
            operation: it.operation.clone(),
            resource: it.resource.clone(),
            code: it.code.clone(),
            message: it.message.clone(),
            request_id: it.request_id.clone(),
        }
    }
}

impl From<Unread> for account::Unread {
    fn from(it: Unread) -> Self {
        Self {
            what: it.what,
            operation: it.operation,
            resource: it.resource,
            code: it.code,
            message: it.message,
            request_id: it.request_id,
        }
    }
}
