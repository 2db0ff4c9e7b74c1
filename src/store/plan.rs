//! `rolecall/plan/v1`: a bootstrap plan as text. Fields are only ever added to a version.
//!
//! A plan holds every final document, tag and ARN, so whoever applies it makes no choice. It holds no
//! secret: that of an access key is never in a plan.

mod format;

use serde_json::Value;
use thiserror::Error;

use format::Saved;

use super::snapshot::{Place, words};
use crate::plan::Plan;

/// The name of the format, with its version.
pub const SCHEMA: &str = "rolecall/plan/v1";

const FAMILY: &str = "rolecall/plan/";

const HELP: &str = "write one with `rolecall bootstrap plan --out FILE`";

/// Why a text is not read as a plan; each is the user's to put right.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PlanError {
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
    #[error("`{name}` is not a plan: {what}\nhelp: {HELP}")]
    NotAPlan {
        /// The file.
        name: String,
        /// What it is, or lacks.
        what: String,
    },
    /// It was written by a newer rolecall.
    #[error(
        "`{name}` is a plan of the format `{schema}`, and this rolecall reads `{SCHEMA}`\n\
         help: use the rolecall that wrote it, or a newer one"
    )]
    OtherVersion {
        /// The file.
        name: String,
        /// The format.
        schema: String,
    },
    /// A field is missing, or holds something else than it should.
    #[error("`{name}:{at}`: {what}\nhelp: make the plan again; a plan is not edited by hand")]
    Unfit {
        /// The file.
        name: String,
        /// Line and column.
        at: Place,
        /// What is wrong.
        what: String,
    },
    /// Two objects have one name.
    #[error("`{name}`: two objects are named `{key}`\nhelp: make the plan again")]
    Repeated {
        /// The file.
        name: String,
        /// The name.
        key: String,
    },
}

/// Returns a plan as text, always the same for the same plan.
#[must_use]
pub fn write(plan: &Plan) -> String {
    // Structs of texts, truths and lists: there is nothing in them that JSON cannot hold.
    let mut text = serde_json::to_string_pretty(&Saved::from(plan)).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads a plan; `name` is the file's, for what is said about it.
///
/// # Errors
///
/// The text is not a plan of this version, or lacks something.
pub fn read(name: &str, text: &str) -> Result<Plan, PlanError> {
    let name = || name.to_owned();
    let text = text.trim_start_matches('\u{feff}');
    let value: Value = serde_json::from_str(text).map_err(|error| PlanError::NotJson {
        name: name(),
        at: Place::of(&error),
        what: words(&error),
    })?;
    match value.get("schema").and_then(Value::as_str) {
        Some(SCHEMA) => {}
        Some(other) if other.starts_with(FAMILY) => {
            let schema = other.to_owned();
            return Err(PlanError::OtherVersion {
                name: name(),
                schema,
            });
        }
        Some(other) => {
            let what = format!("it is `{other}`");
            return Err(PlanError::NotAPlan { name: name(), what });
        }
        None => {
            let what = format!("it has no `\"schema\": \"{SCHEMA}\"`");
            return Err(PlanError::NotAPlan { name: name(), what });
        }
    }
    // Once more from the text, which has the places.
    let saved: Saved = serde_json::from_str(text).map_err(|error| PlanError::Unfit {
        name: name(),
        at: Place::of(&error),
        what: words(&error),
    })?;
    let plan = Plan::from(saved);
    let mut keys: Vec<&str> = plan.objects.iter().map(|it| it.key.as_str()).collect();
    keys.sort_unstable();
    let repeated = keys.windows(2).find(|it| it.first() == it.last());
    if let Some([key, ..]) = repeated {
        let key = (*key).to_owned();
        return Err(PlanError::Repeated { name: name(), key });
    }
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::{PlanError, read, write};
    use crate::plan::{
        AccessKey, Account, Attachment, Difference, Found, Gate, Object, Part, Plan, Policy, Role,
        User, What,
    };

    fn object(key: &str, what: What, found: Found) -> Object {
        Object {
            key: key.to_owned(),
            what,
            why: "for a reason".to_owned(),
            reasons: vec![("Sid".to_owned(), "for another".to_owned())],
            found,
        }
    }

    fn plan() -> Plan {
        let text = str::to_owned;
        let tags = vec![(text("rolecall:installation"), text("example"))];
        let arn = "arn:aws:iam::111122223333:policy/p";
        let user = "arn:aws:iam::111122223333:user/u";
        let difference = Difference {
            of: text("tag a"),
            there: String::new(),
            wanted: text("b"),
        };
        Plan {
            parts: vec![Part {
                profile: text("vendor/profile"),
                title: text("A profile"),
                variables: vec![(text("region"), vec![text("eu-central-1")])],
                features: vec![(text("feature"), false)],
            }],
            installation: text("example"),
            partition: text("aws"),
            account: None,
            made: text("2026-11-29T08:00:00Z"),
            by: text("arn:aws:iam::111122223333:user/admin"),
            objects: vec![
                object(
                    "account/a",
                    What::Account(Account {
                        name: text("a"),
                        email: text("a@example.com"),
                        role: text("OrganizationAccountAccessRole"),
                        id: None,
                    }),
                    Found::NotLooked,
                ),
                object(
                    "policy/p",
                    What::Policy(Policy {
                        arn: text(arn),
                        name: text("p"),
                        path: text("/"),
                        description: text("d"),
                        document: text("{}\n"),
                        tags: tags.clone(),
                    }),
                    Found::Same,
                ),
                object(
                    "user/u",
                    What::User(User {
                        arn: text(user),
                        name: text("u"),
                        path: text("/"),
                        boundary: Some(text(arn)),
                        tags: tags.clone(),
                    }),
                    Found::Differs(vec![difference]),
                ),
                object(
                    "role/r",
                    What::Role(Role {
                        arn: text("arn:aws:iam::111122223333:role/r"),
                        name: text("r"),
                        path: text("/"),
                        description: text("d"),
                        trust: text("{}"),
                        boundary: None,
                        tags,
                    }),
                    Found::Absent,
                ),
                object(
                    "attachment/u/p",
                    What::Attachment(Attachment {
                        entity: text(user),
                        policy: text(arn),
                    }),
                    Found::Unknown(text("AccessDenied")),
                ),
                object(
                    "access-key/u",
                    What::AccessKey(AccessKey {
                        user: text(user),
                        ids: vec![text("AKIAIOSFODNN7EXAMPLE")],
                    }),
                    Found::Absent,
                ),
            ],
            gate: Gate {
                unmet: vec![text("one")],
                weaknesses: vec![(text("W5"), text("words"))],
                unknown: vec![(text("unread-scps"), text("words"))],
                accepted: vec![(text("W5"), text("a reason"))],
                findings: vec![(text("a-rule"), text("words"))],
            },
            hand_over: vec![(text("Account ID"), text("111122223333"))],
        }
    }

    #[test]
    fn a_plan_is_read_as_it_was_written() {
        let text = write(&plan());
        assert_eq!(read("plan.json", &text), Ok(plan()));
    }

    #[test]
    fn what_is_no_plan_is_refused() {
        let text = write(&plan());
        let cases = [
            (text.replace("plan/v1", "plan/v2"), "newer"),
            (text.replace("plan/v1", "x/v1"), "it is `rolecall/x/v1`"),
            ("{}".to_owned(), "has no `\"schema\""),
            ("{".to_owned(), "is not JSON"),
            (
                text.replace("\"unmet\"", "\"met\""),
                "missing field `unmet`",
            ),
            (
                text.replace("policy/p\",\n      \"why", "user/u\",\n      \"why"),
                "two objects",
            ),
        ];
        for (text, expected) in cases {
            let error = read("plan.json", &text).map_err(|it: PlanError| it.to_string());
            let error = error.err().unwrap_or_default();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }
}
