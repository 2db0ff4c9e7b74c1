//! Reads an account into a snapshot.
//!
//! A read that is refused ends nothing: the snapshot lists it, and whatever is decided later is
//! decided as "unknown" where it matters. Only reads are made.

use super::connection::Connection;
use super::error::{CallError, CollectError, unusable};
use super::{organization, principal};
use crate::account::{Snapshot, Unread};
use crate::arn::{Arn, last_segment};
use crate::evaluate::Principal;

/// What is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The ARNs of users, roles or role sessions; none: the credential's own.
    pub principals: Vec<String>,
    /// Whether the organization's policies are to be read.
    pub organization: bool,
    /// The member account whose limits are read, by a credential of another one that may read them;
    /// then no principal is.
    pub member: Option<String>,
    /// The time at which reading began: RFC 3339, UTC.
    pub now: String,
}

/// How far reading is: what is being read, in words.
pub type Progress<'a> = &'a mut dyn FnMut(&str);

/// Reads principals of the credential's account, and its organization's policies where wanted.
///
/// # Errors
///
/// The credential cannot be used, or nobody can be read: a root user, a federated session, another
/// account's principal.
pub fn collect(
    connection: &Connection,
    wanted: &Wanted,
    progress: Progress<'_>,
) -> Result<Snapshot, CollectError> {
    let caller = connection.caller()?;
    let partition =
        Arn::parse(&caller.arn).map_or_else(|| "aws".to_owned(), |it| it.partition.to_owned());
    let mut snapshot = Snapshot {
        taken: wanted.now.clone(),
        partition: partition.clone(),
        account: wanted
            .member
            .clone()
            .unwrap_or_else(|| caller.account.clone()),
        ..Snapshot::default()
    };
    let own = [caller.arn.clone()];
    let arns: &[String] = match (&wanted.member, wanted.principals.is_empty()) {
        (Some(_), _) => &[],
        (None, true) => &own,
        (None, false) => &wanted.principals,
    };
    snapshot.caller = caller;
    let named: Vec<Named> = arns
        .iter()
        .map(|arn| named(arn, &snapshot.account))
        .collect::<Result<_, _>>()?;
    let mut reading = Reading::default();
    connection.wait(async {
        for one in &named {
            progress(&one.arn);
            let read = principal::read(connection, &mut reading, one, &partition).await;
            snapshot.principals.push(read);
        }
        if wanted.organization {
            progress("the organization's policies");
            let account = snapshot.account.clone();
            match organization::read(connection, &mut reading, &account, progress).await {
                organization::Found::None => snapshot.in_no_organization = true,
                organization::Found::Policies(found) => snapshot.organization = Some(found),
                organization::Found::Unread => {}
            }
        }
    });
    snapshot.unread = reading.unread;
    Ok(snapshot)
}

/// A user or role by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The ARN as far as it is known: a session's does not hold its role's path.
    pub(super) arn: String,
    /// Its name, which is unique in the account without the path (AWS: "IAM identifiers").
    pub(super) name: String,
    pub(super) is_role: bool,
}

fn named(arn: &str, account: &str) -> Result<Named, CollectError> {
    let nobody = |what| CollectError::NoPolicies {
        arn: arn.to_owned(),
        what,
    };
    let no_arn = || nobody("no ARN of a user, role or role session");
    let principal = Principal::parse(arn).ok_or_else(no_arn)?;
    let identity = principal.identity().ok_or_else(no_arn)?;
    if *identity.account != *account {
        return Err(CollectError::OtherAccount {
            arn: arn.to_owned(),
            theirs: identity.account.to_string(),
            own: account.to_owned(),
        });
    }
    match &principal {
        Principal::User(_) | Principal::Role(_) => Ok(Named {
            arn: arn.to_owned(),
            name: last_segment(&identity.name).to_owned(),
            is_role: matches!(principal, Principal::Role(_)),
        }),
        Principal::Session(role) => Ok(Named {
            arn: principal.principal_arn().unwrap_or_default(),
            name: role.name.to_string(),
            is_role: true,
        }),
        Principal::Root(_) => Err(nobody(
            "the root user, whom no policy of the account binds: its key must not be given to anybody",
        )),
        Principal::FederatedUser(_) => Err(nobody(
            "a federated session, whose session policy nobody can read",
        )),
        _ => Err(no_arn()),
    }
}

/// What was read before, and what could not be read.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) unread: Vec<Unread>,
    /// Managed policies by ARN: many principals carry the same ones.
    pub(super) managed: std::collections::BTreeMap<String, Option<String>>,
}

impl Reading {
    /// Returns the answer; a refusal is written down, once.
    pub(super) fn keep<T>(&mut self, what: &str, answer: Result<T, CallError>) -> Option<T> {
        match answer {
            Ok(answer) => Some(answer),
            Err(error) => {
                let mut unread = error.unread(what);
                if unread.message.is_empty() {
                    unread.message.push_str("no reason was given");
                }
                let is_same = |it: &Unread| {
                    it.operation == unread.operation && it.resource == unread.resource
                };
                if !self.unread.iter().any(is_same) {
                    self.unread.push(unread);
                }
                None
            }
        }
    }
}

/// Returns a policy document out of its URL encoding (AWS IAM API Reference, "GetPolicyVersion":
/// documents are encoded after RFC 3986).
pub(super) fn decoded(
    text: &str,
    operation: &'static str,
    resource: &str,
) -> Result<String, CallError> {
    let text = percent_encoding::percent_decode_str(text).decode_utf8();
    text.map(std::borrow::Cow::into_owned).map_err(|error| {
        let message = format!("the document is no UTF-8: {error}");
        unusable(operation, resource, "UnreadableAnswer", message)
    })
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_session_is_read_as_its_role() {
        let arn = "arn:aws:sts::111122223333:assumed-role/Cloud/manager-1";
        let found = named(arn, "111122223333").unwrap();
        assert_eq!((found.name.as_str(), found.is_role), ("Cloud", true));
    }

    #[test]
    fn who_has_no_policies_is_refused_with_the_reason() {
        let message = |arn: &str| named(arn, "111122223333").unwrap_err().to_string();
        assert!(message("arn:aws:iam::111122223333:root").contains("root user"));
        assert!(message("arn:aws:sts::111122223333:federated-user/a").contains("federated"));
        assert!(message("arn:aws:iam::444455556666:user/a").contains("444455556666"));
        assert!(message("Cloud").contains("no ARN"));
    }
}
