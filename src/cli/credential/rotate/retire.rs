//! The last steps of a rotation: the old key is deactivated, then deleted.
//!
//! With an administrator's profile that is done here; without one it is the customer's to do, and
//! AWS is asked whether it was done.

use super::Rotation;
use crate::cli::credential::reach::{self, Met};
use crate::cli::credential::stop::Stop;
use crate::cli::credential::vault;
use crate::store::{AccessKeyId, Credential, StoreError};

/// Whether AWS still takes the old key.
enum Old {
    Works,
    Gone,
    /// Its secret is no longer there to ask with.
    Unknown,
}

impl Rotation<'_> {
    /// Deactivates the old key, or finds out whether somebody did; returns whether it is done.
    pub(super) fn retire(&mut self) -> Result<bool, Stop> {
        let (new, old) = (self.pending()?.id.clone(), self.pending()?.replaces.clone());
        self.check_new(&new)?;
        if let Some(administrator) = &self.administrator {
            administrator.deactivate(&old)?;
            self.retired()?;
            self.say(format!("deactivated the old key {old}"));
            return Ok(true);
        }
        match self.ask_old(&old)? {
            Old::Gone => {
                self.retired()?;
                self.say(format!("AWS does not take the old key {old} any more"));
                Ok(true)
            }
            found => {
                self.wait_for_customer(&old, matches!(found, Old::Works));
                Ok(false)
            }
        }
    }

    fn retired(&mut self) -> Result<(), Stop> {
        let seen = self.credential.seen();
        self.credential = self.store.mark_old_deactivated(seen, &vault::stamp())?;
        Ok(())
    }

    /// The old key goes only while the new one works.
    fn check_new(&self, new: &AccessKeyId) -> Result<(), Stop> {
        let Credential { tenant, name, .. } = &self.credential;
        let secret = self.store.secret(&self.keyring, tenant, name)?;
        let connection = reach::with_key(&self.live, new, &secret)?;
        let what = match reach::meet(&connection, self.args.secret.wait)? {
            Met::Known(caller) if caller.arn == self.owner.arn => return Ok(()),
            Met::Known(caller) => format!("the new key {new} belongs to `{}`", caller.arn),
            Met::Refused(error) => format!("AWS does not take the new key {new}: {}", error.code),
        };
        Err(Stop::refused(format!(
            "{what}; the old key is left as it is"
        )))
    }

    fn ask_old(&self, old: &AccessKeyId) -> Result<Old, Stop> {
        let Credential { tenant, name, .. } = &self.credential;
        let secret = match self.store.replaced_secret(&self.keyring, tenant, name) {
            Ok(secret) => secret,
            Err(StoreError::Tampered { .. } | StoreError::KeyMissing { .. }) => {
                return Ok(Old::Unknown);
            }
            Err(error) => return Err(error.into()),
        };
        let connection = reach::with_key(&self.live, old, &secret)?;
        match reach::meet(&connection, 0)? {
            Met::Known(_) => Ok(Old::Works),
            Met::Refused(error) if reach::is_not_known(&error) => Ok(Old::Gone),
            Met::Refused(error) => Err(Stop::unknown(reach::refusal(&error))),
        }
    }

    fn wait_for_customer(&mut self, old: &AccessKeyId, works: bool) {
        let name = self.credential.name.clone();
        let (deactivate, delete) = (
            self.owner.deactivate_command(old),
            self.owner.delete_command(old),
        );
        self.say(match works {
            true => format!("the old key {old} still works; an administrator of the customer runs"),
            false => format!(
                "whether the old key {old} still works cannot be asked; an administrator of the \
                 customer runs"
            ),
        });
        self.say(format!("  {deactivate}"));
        self.say(format!("  {delete}"));
        self.say(match works {
            true => format!("then: rolecall credential rotate {name}"),
            false => format!("then: rolecall credential rotate {name} --admin-profile PROFILE"),
        });
    }

    /// Deletes the old key and ends the rotation.
    pub(super) fn finish(&mut self) -> Result<(), Stop> {
        let old = self.pending()?.replaces.clone();
        let line = match &self.administrator {
            Some(administrator) => {
                administrator.delete(&old)?;
                format!("deleted the old key {old}: the rotation is done")
            }
            // AWS says the same of a key that is deactivated and of one that is deleted.
            None => format!(
                "the rotation is done; if the old key is only deactivated, it still counts: {}",
                self.owner.delete_command(&old)
            ),
        };
        let seen = self.credential.seen();
        self.credential = self.store.finish_rotation(seen, &vault::stamp())?;
        self.say(line);
        Ok(())
    }
}
