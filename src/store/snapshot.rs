//! The file of a snapshot, `rolecall/snapshot/v1`.
//!
//! Policy documents are strings, exactly as AWS gave them: a position in a document is one in what
//! the account holds. Fields are only ever added to a version; unknown ones are passed over.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::{
    Caller, IdentityPolicy, Level, ManagedPolicy, Organization, Origin, Principal, Snapshot, Text,
    Unread,
};

/// The name of the format.
pub const SCHEMA: &str = "rolecall/snapshot/v1";

/// Why a text is no snapshot; each is the user's to put right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// It is no JSON.
    #[error(
        "{name}:{line}:{column}: no JSON: {message}\nhelp: make it with `rolecall snapshot --out FILE`"
    )]
    NotJson {
        /// The text's name.
        name: String,
        /// Where reading ended: line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// It is JSON of another kind.
    #[error("`{name}` is no snapshot: {what}\nhelp: make one with `rolecall snapshot --out FILE`")]
    NotSnapshot {
        /// The text's name.
        name: String,
        /// What it is, or lacks.
        what: String,
    },
    /// A newer rolecall made it.
    #[error(
        "`{name}` has the format `{schema}`, and this rolecall reads `{SCHEMA}`\nhelp: use the rolecall that made it, or a newer one"
    )]
    Newer {
        /// The text's name.
        name: String,
        /// Its format.
        schema: String,
    },
    /// A field is missing, or has another type.
    #[error(
        "{name}:{line}:{column}: the snapshot is damaged: {message}\nhelp: make it again with `rolecall snapshot --out FILE`"
    )]
    Damaged {
        /// The text's name.
        name: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
}

/// Returns the file of a snapshot.
#[must_use]
pub fn write(snapshot: &Snapshot) -> String {
    let saved = Saved::from(snapshot);
    // Strings, numbers and lists can always be written.
    let mut text = serde_json::to_string_pretty(&saved).unwrap_or_default();
    text.push('\n');
    text
}

/// Returns the snapshot of a file.
///
/// # Errors
///
/// The text is no JSON, no snapshot, damaged, or of a newer format.
pub fn read(name: &str, text: &str) -> Result<Snapshot, SnapshotError> {
    let name = name.to_owned();
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            return Err(SnapshotError::NotJson {
                name,
                line: error.line(),
                column: error.column(),
                message: words(&error),
            });
        }
    };
    let Some(schema) = value.get("schema").and_then(Value::as_str) else {
        let what = match value
            .get("Statement")
            .or_else(|| value.get("PolicyVersion"))
        {
            Some(_) => "it looks like a policy, which commands take without `--snapshot`",
            None => "it names no `schema`",
        };
        let what = what.to_owned();
        return Err(SnapshotError::NotSnapshot { name, what });
    };
    if schema != SCHEMA {
        let schema = schema.to_owned();
        return Err(match schema.starts_with("rolecall/snapshot/") {
            true => SnapshotError::Newer { name, schema },
            false => SnapshotError::NotSnapshot {
                name,
                what: format!("its format is `{schema}`"),
            },
        });
    }
    match serde_json::from_str::<Saved>(text) {
        Ok(saved) => Ok(saved.into()),
        Err(error) => Err(SnapshotError::Damaged {
            name,
            line: error.line(),
            column: error.column(),
            message: words(&error),
        }),
    }
}

/// The words of an error without the position, which stands before them.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Saved {
    schema: String,
    taken: String,
    caller: SavedCaller,
    partition: String,
    account: String,
    principals: Vec<SavedPrincipal>,
    resource_policies: Vec<SavedText>,
    policies: Vec<SavedManagedPolicy>,
    organization: Option<SavedOrganization>,
    unread: Vec<SavedUnread>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedCaller {
    arn: String,
    account: String,
    user_id: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedPrincipal {
    arn: String,
    complete: bool,
    policies: Vec<SavedIdentityPolicy>,
    boundary: Option<SavedText>,
    trust: Option<SavedText>,
    tags: Vec<SavedTag>,
    max_session: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct SavedTag {
    key: String,
    value: String,
}

#[derive(Serialize, Deserialize)]
struct SavedIdentityPolicy {
    origin: SavedOrigin,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    group: Option<String>,
    name: String,
    document: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SavedOrigin {
    Inline,
    Attached,
    Group,
}

#[derive(Serialize, Deserialize)]
struct SavedText {
    name: String,
    document: String,
}

#[derive(Serialize, Deserialize)]
struct SavedManagedPolicy {
    name: String,
    document: String,
    tags: Vec<SavedTag>,
    versions: usize,
    attachments: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedOrganization {
    id: String,
    management_account: String,
    service_control_policies: Option<Vec<SavedLevel>>,
    resource_control_policies: Option<Vec<SavedLevel>>,
}

#[derive(Serialize, Deserialize)]
struct SavedLevel {
    target: String,
    policies: Vec<SavedText>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedUnread {
    what: String,
    operation: String,
    resource: String,
    code: String,
    message: String,
    request_id: String,
}

fn all<'a, From, To>(list: &'a [From]) -> Vec<To>
where
    To: std::convert::From<&'a From>,
{
    list.iter().map(To::from).collect()
}

fn each<From, To: std::convert::From<From>>(list: Vec<From>) -> Vec<To> {
    list.into_iter().map(To::from).collect()
}

impl From<&Snapshot> for Saved {
    fn from(it: &Snapshot) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            taken: it.taken.clone(),
            caller: SavedCaller {
                arn: it.caller.arn.clone(),
                account: it.caller.account.clone(),
                user_id: it.caller.user_id.clone(),
            },
            partition: it.partition.clone(),
            account: it.account.clone(),
            principals: all(&it.principals),
            resource_policies: all(&it.resource_policies),
            policies: all(&it.policies),
            organization: it.organization.as_ref().map(Into::into),
            unread: all(&it.unread),
        }
    }
}

impl From<Saved> for Snapshot {
    fn from(it: Saved) -> Self {
        Self {
            taken: it.taken,
            caller: Caller {
                arn: it.caller.arn,
                account: it.caller.account,
                user_id: it.caller.user_id,
            },
            partition: it.partition,
            account: it.account,
            principals: each(it.principals),
            resource_policies: each(it.resource_policies),
            policies: each(it.policies),
            organization: it.organization.map(Into::into),
            unread: each(it.unread),
        }
    }
}

impl From<&Principal> for SavedPrincipal {
    fn from(it: &Principal) -> Self {
        Self {
            arn: it.arn.clone(),
            complete: it.complete,
            policies: all(&it.policies),
            boundary: it.boundary.as_ref().map(Into::into),
            trust: it.trust.as_ref().map(Into::into),
            tags: all(&it.tags),
            max_session: it.max_session,
        }
    }
}

impl From<SavedPrincipal> for Principal {
    fn from(it: SavedPrincipal) -> Self {
        Self {
            arn: it.arn,
            complete: it.complete,
            policies: each(it.policies),
            boundary: it.boundary.map(Into::into),
            trust: it.trust.map(Into::into),
            tags: each(it.tags),
            max_session: it.max_session,
        }
    }
}

impl From<&(String, String)> for SavedTag {
    fn from((key, value): &(String, String)) -> Self {
        Self {
            key: key.clone(),
            value: value.clone(),
        }
    }
}

impl From<SavedTag> for (String, String) {
    fn from(it: SavedTag) -> Self {
        (it.key, it.value)
    }
}

impl From<&IdentityPolicy> for SavedIdentityPolicy {
    fn from(it: &IdentityPolicy) -> Self {
        let (origin, group) = match &it.origin {
            Origin::Inline => (SavedOrigin::Inline, None),
            Origin::Attached => (SavedOrigin::Attached, None),
            Origin::Group(group) => (SavedOrigin::Group, Some(group.clone())),
        };
        Self {
            origin,
            group,
            name: it.text.name.clone(),
            document: it.text.text.clone(),
        }
    }
}

impl From<SavedIdentityPolicy> for IdentityPolicy {
    fn from(it: SavedIdentityPolicy) -> Self {
        Self {
            origin: match it.origin {
                SavedOrigin::Inline => Origin::Inline,
                SavedOrigin::Attached => Origin::Attached,
                SavedOrigin::Group => Origin::Group(it.group.unwrap_or_default()),
            },
            text: Text {
                name: it.name,
                text: it.document,
            },
        }
    }
}

impl From<&Text> for SavedText {
    fn from(it: &Text) -> Self {
        Self {
            name: it.name.clone(),
            document: it.text.clone(),
        }
    }
}

impl From<SavedText> for Text {
    fn from(it: SavedText) -> Self {
        Self {
            name: it.name,
            text: it.document,
        }
    }
}

impl From<&ManagedPolicy> for SavedManagedPolicy {
    fn from(it: &ManagedPolicy) -> Self {
        Self {
            name: it.text.name.clone(),
            document: it.text.text.clone(),
            tags: all(&it.tags),
            versions: it.versions,
            attachments: it.attachments,
        }
    }
}

impl From<SavedManagedPolicy> for ManagedPolicy {
    fn from(it: SavedManagedPolicy) -> Self {
        Self {
            text: Text {
                name: it.name,
                text: it.document,
            },
            tags: each(it.tags),
            versions: it.versions,
            attachments: it.attachments,
        }
    }
}

impl From<&Organization> for SavedOrganization {
    fn from(it: &Organization) -> Self {
        Self {
            id: it.id.clone(),
            management_account: it.management_account.clone(),
            service_control_policies: it.scps.as_deref().map(all),
            resource_control_policies: it.rcps.as_deref().map(all),
        }
    }
}

impl From<SavedOrganization> for Organization {
    fn from(it: SavedOrganization) -> Self {
        Self {
            id: it.id,
            management_account: it.management_account,
            scps: it.service_control_policies.map(each),
            rcps: it.resource_control_policies.map(each),
        }
    }
}

impl From<&Level> for SavedLevel {
    fn from(it: &Level) -> Self {
        Self {
            target: it.target.clone(),
            policies: all(&it.policies),
        }
    }
}

impl From<SavedLevel> for Level {
    fn from(it: SavedLevel) -> Self {
        Self {
            target: it.target,
            policies: each(it.policies),
        }
    }
}

impl From<&Unread> for SavedUnread {
    fn from(it: &Unread) -> Self {
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

impl From<SavedUnread> for Unread {
    fn from(it: SavedUnread) -> Self {
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

#[cfg(test)]
mod tests {
    use super::{SnapshotError, read, write};
    use crate::account::{
        Caller, IdentityPolicy, Level, ManagedPolicy, Organization, Origin, Principal, Snapshot,
        Text, Unread,
    };

    fn text(name: &str) -> Text {
        Text {
            name: name.into(),
            text: "{ \"Version\":\t\"2012-10-17\",\n \"Statement\": [] } ü".into(),
        }
    }

    fn full() -> Snapshot {
        let policy = |origin| IdentityPolicy {
            origin,
            text: text("arn:aws:iam::111122223333:policy/p"),
        };
        let level = || Level {
            target: "r-1".into(),
            policies: vec![text("p-FullAWSAccess")],
        };
        let tags = vec![("Vendor".into(), "Mengi".into())];
        Snapshot {
            taken: "2026-11-29T07:00:00Z".into(),
            caller: Caller {
                arn: "arn:aws:iam::111122223333:user/u".into(),
                account: "111122223333".into(),
                user_id: "AIDAEXAMPLE".into(),
            },
            partition: "aws".into(),
            account: "111122223333".into(),
            principals: vec![Principal {
                arn: "arn:aws:iam::111122223333:role/vendor/r".into(),
                policies: vec![
                    policy(Origin::Inline),
                    policy(Origin::Attached),
                    policy(Origin::Group("arn:aws:iam::111122223333:group/g".into())),
                ],
                boundary: Some(text("b")),
                trust: Some(text("r")),
                tags: tags.clone(),
                max_session: Some(3600),
                complete: true,
            }],
            resource_policies: vec![text("arn:aws:s3:::bucket")],
            policies: vec![ManagedPolicy {
                text: text("m"),
                tags,
                versions: 2,
                attachments: 1,
            }],
            organization: Some(Organization {
                id: "o-1".into(),
                management_account: "444455556666".into(),
                scps: Some(vec![level()]),
                rcps: None,
            }),
            unread: vec![Unread {
                what: "w".into(),
                operation: "iam:GetUser".into(),
                resource: "u".into(),
                code: "AccessDenied".into(),
                message: "m".into(),
                request_id: "1".into(),
            }],
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for snapshot in [full(), Snapshot::default()] {
            assert_eq!(read("s.json", &write(&snapshot)), Ok(snapshot));
        }
    }

    #[test]
    fn fields_of_later_additions_are_passed_over() {
        let text = write(&full()).replacen("\"taken\"", "\"later\": [1],\n  \"taken\"", 1);
        assert_eq!(read("s.json", &text), Ok(full()));
    }

    #[test]
    fn what_is_no_snapshot_is_said_with_its_place() {
        let said = |text: &str| read("s.json", text).unwrap_err().to_string();
        assert!(said("{\n \"schema\": }").starts_with("s.json:2:12: no JSON"));
        assert!(said("{}").contains("names no `schema`"));
        assert!(said("{\"Statement\": []}").contains("looks like a policy"));
        assert!(said("{\"schema\": \"rolecall/check/v1\"}").contains("`rolecall/check/v1`"));
        assert!(matches!(
            read("s.json", "{\"schema\": \"rolecall/snapshot/v9\"}"),
            Err(SnapshotError::Newer { .. })
        ));
        let damaged = write(&full()).replace("\"complete\": true", "\"complete\": 1");
        assert!(
            said(&damaged).contains("damaged: invalid type"),
            "{}",
            said(&damaged)
        );
        let damaged = write(&full()).replace("\"complete\"", "\"completed\"");
        assert!(said(&damaged).contains("missing field `complete`"));
    }
}
