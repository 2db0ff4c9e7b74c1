//! Somebody else's rights over the access keys of a vendor's user: an administrator's of the
//! customer, by a profile of the shared configuration files that is named apart.

use super::reach::{self, Met};
use super::stop::Stop;
use crate::aws::Connection;
use crate::aws::access_key::Keys;
use crate::cli::live::{As, LiveArgs};
use crate::store::AccessKeyId;

/// Whose access keys these are.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    /// The account.
    pub(super) account: String,
    /// The user's ARN.
    pub(super) arn: String,
    /// The user's name, without its path.
    pub(super) user: String,
}

impl Owner {
    /// Reads who holds an access key. Only users do: the root user's key is refused everywhere.
    pub(super) fn of(arn: &str, account: &str) -> Result<Self, Stop> {
        let user = reach::user_name(arn).ok_or_else(|| {
            Stop::wrong_use(format!(
                "the access key belongs to `{arn}`, which is no user"
            ))
        })?;
        Ok(Self {
            account: account.to_owned(),
            arn: arn.to_owned(),
            user: user.to_owned(),
        })
    }

    /// Returns the command that deactivates a key.
    pub(super) fn deactivate_command(&self, id: &AccessKeyId) -> String {
        format!(
            "aws iam update-access-key --user-name {} --access-key-id {} --status Inactive",
            self.user,
            id.as_str()
        )
    }

    /// Returns the command that deletes a key.
    pub(super) fn delete_command(&self, id: &AccessKeyId) -> String {
        format!(
            "aws iam delete-access-key --user-name {} --access-key-id {}",
            self.user,
            id.as_str()
        )
    }
}

/// An administrator of the account.
pub(super) struct Administrator {
    pub(super) connection: Connection,
    owner: Owner,
}

impl Administrator {
    /// Connects with a profile, if one was named. Whoever is of another account, or is the vendor's
    /// user itself, is refused: no vendor's credential manages its own keys.
    pub(super) fn new(
        live: &LiveArgs,
        profile: Option<&str>,
        owner: &Owner,
    ) -> Result<Option<Self>, Stop> {
        let Some(profile) = profile else {
            return Ok(None);
        };
        let connection = live.connect_as(As::Profile(profile))?;
        let caller = match reach::meet(&connection, 0)? {
            Met::Known(caller) => caller,
            Met::Refused(error) => return Err(Stop::wrong_use(reach::refusal(&error))),
        };
        if caller.account != owner.account {
            return Err(Stop::wrong_use(format!(
                "`--admin-profile {profile}` belongs to account {}, and the credential to {}",
                caller.account, owner.account
            )));
        }
        if caller.arn == owner.arn {
            return Err(Stop::wrong_use(format!(
                "`--admin-profile {profile}` is the vendor's user itself\nhelp: name a profile of \
                 an administrator"
            )));
        }
        Ok(Some(Self {
            connection,
            owner: owner.clone(),
        }))
    }

    /// Returns the access keys of the user.
    pub(super) fn keys(&self) -> Keys<'_> {
        Keys::of(&self.connection, &self.owner.user)
    }

    /// Deactivates a key; one that is not there any more is none that works.
    pub(super) fn deactivate(&self, id: &AccessKeyId) -> Result<(), Stop> {
        unless_gone(self.keys().deactivate(id.as_str()))
    }

    /// Deletes a key; one that is not there any more is deleted.
    pub(super) fn delete(&self, id: &AccessKeyId) -> Result<(), Stop> {
        unless_gone(self.keys().delete(id.as_str()))
    }
}

fn unless_gone(answer: Result<(), crate::aws::CallError>) -> Result<(), Stop> {
    match answer {
        Err(error) if error.cause != crate::aws::Cause::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
