//! A second access key that takes the first one's place, step by step.
//!
//! Each step is recorded before the next one starts, so whoever was interrupted reads the step and
//! goes on from there. What happens at AWS between the steps is not done here.

use secrecy::{ExposeSecret as _, SecretString};

use super::credential::{
    AccessKeyId, Credential, Kind, PendingKey, Seen, Stamp, Step, check_secret,
};
use super::database::Store;
use super::error::StoreError;
use super::key::Keyring;
use super::life::{open_secret, put_secret, refuse_revoked};
use super::row::{self, IN_USE, PENDING, REPLACED};

impl Store {
    /// Keeps a second key beside the one in use. One that was only received is replaced by it.
    ///
    /// # Errors
    ///
    /// If the credential was changed since it was seen, is revoked or a role, or a second key is
    /// further on its way.
    pub fn put_pending_key(
        &mut self,
        keyring: &Keyring,
        seen: Seen<'_>,
        id: AccessKeyId,
        secret: &SecretString,
        stamp: &Stamp,
    ) -> Result<Credential, StoreError> {
        check_secret(secret.expose_secret())?;
        let what = format!("second key {id} received");
        self.change(seen, &what, stamp, |transaction, credential| {
            refuse_revoked(credential)?;
            let replaces = key_in_use(credential)?;
            if id == replaces {
                return Err(StoreError::Unfit {
                    what: "the second key",
                    reason: "it is the one in use",
                });
            }
            expect_step(credential, &[None, Some(Step::Received)], "given a new key")?;
            let revision = credential.revision;
            put_secret(transaction, keyring, credential, PENDING, revision, secret)?;
            credential.pending = Some(PendingKey {
                step: Step::Received,
                id,
                replaces,
                at: stamp.at,
                secret_revision: revision,
            });
            Ok(())
        })
    }

    /// Returns the second key's secret until it is switched to.
    ///
    /// # Errors
    ///
    /// If there is none, its key is not at hand, or it does not belong to its record.
    pub fn pending_secret(
        &self,
        keyring: &Keyring,
        tenant: &str,
        name: &str,
    ) -> Result<SecretString, StoreError> {
        let view = self.connection.unchecked_transaction()?;
        let credential = row::load(&view, tenant, name)?;
        open_pending(&view, keyring, &credential)
    }

    /// Records that the second key was found to be of the same user.
    ///
    /// # Errors
    ///
    /// If the credential was changed since it was seen, or no second key was just received.
    pub fn mark_pending_validated(
        &mut self,
        seen: Seen<'_>,
        stamp: &Stamp,
    ) -> Result<Credential, StoreError> {
        self.advance(seen, Step::Received, Step::Validated, stamp)
    }

    /// Puts the validated second key into use. The old secret is kept until the old key is
    /// deactivated: only with it can AWS be asked whether it still works.
    ///
    /// # Errors
    ///
    /// If the credential was changed since it was seen, the second key is not validated, or does not
    /// open.
    pub fn switch(
        &mut self,
        keyring: &Keyring,
        seen: Seen<'_>,
        stamp: &Stamp,
    ) -> Result<Credential, StoreError> {
        self.change(
            seen,
            "switched to the second key",
            stamp,
            |transaction, credential| {
                expect_step(credential, &[Some(Step::Validated)], "switched")?;
                let mut before = credential.clone();
                before.revision = seen.revision;
                let secret = open_pending(transaction, keyring, &before)?;
                let revision = credential.revision;
                keep_replaced(transaction, keyring, &before, revision)?;
                put_secret(transaction, keyring, credential, IN_USE, revision, &secret)?;
                transaction.execute(
                    "DELETE FROM secrets WHERE credential = ?1 AND field = ?2",
                    (&credential.id, PENDING),
                )?;
                credential.secret_revision = revision;
                if let Some(pending) = &mut credential.pending {
                    pending.step = Step::Switched;
                    pending.at = stamp.at;
                    pending.secret_revision = revision;
                    credential.kind = Kind::AccessKey {
                        id: pending.id.clone(),
                    };
                }
                Ok(())
            },
        )
    }

    /// Returns the old key's secret from the switch until the old key is deactivated.
    ///
    /// # Errors
    ///
    /// If there is none, its key is not at hand, or it does not belong to its record.
    pub fn replaced_secret(
        &self,
        keyring: &Keyring,
        tenant: &str,
        name: &str,
    ) -> Result<SecretString, StoreError> {
        let view = self.connection.unchecked_transaction()?;
        let credential = row::load(&view, tenant, name)?;
        let wanted = "asked for its old secret";
        expect_step(&credential, &[Some(Step::Switched)], wanted)?;
        open_second(&view, keyring, &credential, REPLACED)
    }

    /// Records that the old key is deactivated at AWS, and deletes its secret.
    ///
    /// # Errors
    ///
    /// If the credential was changed since it was seen, or the new key was not just put into use.
    pub fn mark_old_deactivated(
        &mut self,
        seen: Seen<'_>,
        stamp: &Stamp,
    ) -> Result<Credential, StoreError> {
        self.advance(seen, Step::Switched, Step::OldDeactivated, stamp)
    }

    /// Ends the rotation: the old key is deleted at AWS, and forgotten here.
    ///
    /// # Errors
    ///
    /// If the credential was changed since it was seen, or the old key is not deactivated.
    pub fn finish_rotation(
        &mut self,
        seen: Seen<'_>,
        stamp: &Stamp,
    ) -> Result<Credential, StoreError> {
        self.change(seen, "rotation finished", stamp, |_, credential| {
            expect_step(credential, &[Some(Step::OldDeactivated)], "finished")?;
            credential.pending = None;
            Ok(())
        })
    }

    /// Forgets a second key that was not put into use.
    ///
    /// # Errors
    ///
    /// If the credential was changed since it was seen, or there is no such key.
    pub fn drop_pending_key(
        &mut self,
        seen: Seen<'_>,
        stamp: &Stamp,
    ) -> Result<Credential, StoreError> {
        self.change(
            seen,
            "second key dropped",
            stamp,
            |transaction, credential| {
                let steps = [Some(Step::Received), Some(Step::Validated)];
                expect_step(credential, &steps, "rid of it")?;
                transaction.execute(
                    "DELETE FROM secrets WHERE credential = ?1 AND field = ?2",
                    (&credential.id, PENDING),
                )?;
                credential.pending = None;
                Ok(())
            },
        )
    }

    fn advance(
        &mut self,
        seen: Seen<'_>,
        from: Step,
        to: Step,
        stamp: &Stamp,
    ) -> Result<Credential, StoreError> {
        let what = format!("rotation: {}", to.name());
        self.change(seen, &what, stamp, |transaction, credential| {
            expect_step(credential, &[Some(from)], to.name())?;
            if to == Step::OldDeactivated {
                transaction.execute(
                    "DELETE FROM secrets WHERE credential = ?1 AND field = ?2",
                    (&credential.id, REPLACED),
                )?;
            }
            if let Some(pending) = &mut credential.pending {
                pending.step = to;
                pending.at = stamp.at;
            }
            Ok(())
        })
    }
}

fn open_pending(
    connection: &rusqlite::Connection,
    keyring: &Keyring,
    credential: &Credential,
) -> Result<SecretString, StoreError> {
    let steps = [Some(Step::Received), Some(Step::Validated)];
    expect_step(credential, &steps, "asked for its second secret")?;
    open_second(connection, keyring, credential, PENDING)
}

fn open_second(
    connection: &rusqlite::Connection,
    keyring: &Keyring,
    credential: &Credential,
    field: &str,
) -> Result<SecretString, StoreError> {
    let revision = credential.pending.as_ref().map(|it| it.secret_revision);
    let revision = revision.unwrap_or_default();
    open_secret(connection, keyring, credential, field, revision)
}

/// Keeps the secret in use as that of the replaced key. One that does not open any more is no reason
/// to keep the old key in use.
fn keep_replaced(
    transaction: &rusqlite::Transaction<'_>,
    keyring: &Keyring,
    credential: &Credential,
    revision: i64,
) -> Result<(), StoreError> {
    let opened = open_secret(
        transaction,
        keyring,
        credential,
        IN_USE,
        credential.secret_revision,
    );
    match opened {
        Ok(secret) => put_secret(
            transaction,
            keyring,
            credential,
            REPLACED,
            revision,
            &secret,
        ),
        Err(
            StoreError::Tampered { .. }
            | StoreError::KeyMissing { .. }
            | StoreError::NewerSecret { .. },
        ) => Ok(()),
        Err(error) => Err(error),
    }
}

fn key_in_use(credential: &Credential) -> Result<AccessKeyId, StoreError> {
    match &credential.kind {
        Kind::AccessKey { id } => Ok(id.clone()),
        Kind::Role { .. } => Err(StoreError::NoAccessKey {
            name: credential.name.clone(),
        }),
    }
}

fn expect_step(
    credential: &Credential,
    steps: &[Option<Step>],
    wanted: &'static str,
) -> Result<(), StoreError> {
    let step = credential.pending.as_ref().map(|it| it.step);
    if steps.contains(&step) {
        return Ok(());
    }
    Err(StoreError::OutOfOrder {
        name: credential.name.clone(),
        wanted,
        found: step.map_or("not there", Step::name),
    })
}
