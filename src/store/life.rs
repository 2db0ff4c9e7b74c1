//! The life of a credential: added, looked at, validated, used, removed.
//!
//! Every change is one transaction, names the revision that its caller has seen, and adds an event.

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};
use secrecy::{ExposeSecret as _, SecretString};

use super::cipher;
use super::credential::{
    Credential, Event, Kind, NewCredential, NewKind, Seen, Stamp, State, Validation, check_secret,
    check_text,
};
use super::database::Store;
use super::error::StoreError;
use super::key::Keyring;
use super::row::{self, IN_USE};
use super::seal::{self, Place};

impl Store {
    /// Keeps a new credential, which is pending validation.
    ///
    /// # Errors
    ///
    /// If the tenant has one of that name, a text cannot be what it should be, or the active key
    /// cannot be used.
    pub fn add(
        &mut self,
        keyring: &Keyring,
        tenant: &str,
        new: NewCredential,
        stamp: &Stamp,
    ) -> Result<Credential, StoreError> {
        let transaction = self.begin()?;
        let credential = add(&transaction, keyring, tenant, new, stamp)?;
        transaction.commit()?;
        Ok(credential)
    }

    /// Returns a tenant's credential.
    ///
    /// # Errors
    ///
    /// If there is none, or the database fails.
    pub fn get(&self, tenant: &str, name: &str) -> Result<Credential, StoreError> {
        row::load(&self.connection, tenant, name)
    }

    /// Returns a tenant's credentials by name.
    ///
    /// # Errors
    ///
    /// If the database fails or a record is damaged.
    pub fn list(&self, tenant: &str) -> Result<Vec<Credential>, StoreError> {
        let mut query = self
            .connection
            .prepare("SELECT * FROM credentials WHERE tenant = ?1 ORDER BY name")?;
        let rows = query.query_map([tenant], |it| Ok(row::read(it)))?;
        rows.map(|it| it?).collect()
    }

    /// Returns what happened to a tenant's credentials, also to removed ones, oldest first.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub fn events(&self, tenant: &str) -> Result<Vec<Event>, StoreError> {
        let mut query = self
            .connection
            .prepare("SELECT * FROM events WHERE tenant = ?1 ORDER BY number")?;
        let rows = query.query_map([tenant], |it| Ok(row::read_event(it)))?;
        rows.map(|it| it?).collect()
    }

    /// Returns the secret access key in use.
    ///
    /// # Errors
    ///
    /// If there is none, its key is not at hand, or it does not belong to its record.
    pub fn secret(
        &self,
        keyring: &Keyring,
        tenant: &str,
        name: &str,
    ) -> Result<SecretString, StoreError> {
        // One view of both tables, whatever others write meanwhile.
        let view = self.connection.unchecked_transaction()?;
        let credential = row::load(&view, tenant, name)?;
        let revision = credential.secret_revision;
        open_secret(&view, keyring, &credential, IN_USE, revision)
    }

    /// Records what a validation found. Revoking is for good: all secrets are deleted with it.
    ///
    /// # Errors
    ///
    /// If the credential was changed since it was seen, or is revoked.
    pub fn set_state(
        &mut self,
        seen: Seen<'_>,
        found: Validation,
        stamp: &Stamp,
    ) -> Result<Credential, StoreError> {
        let what = format!("is {}", found.state.name());
        self.change(seen, &what, stamp, |transaction, credential| {
            refuse_revoked(credential)?;
            if found.state == State::Revoked {
                transaction.execute(
                    "DELETE FROM secrets WHERE credential = ?1",
                    [&credential.id],
                )?;
                credential.pending = None;
            }
            credential.state = found.state;
            credential.state_at = stamp.at;
            credential.reasons = found.reasons;
            let known = |new: Option<String>, old: &mut Option<String>| {
                if new.is_some() {
                    *old = new;
                }
            };
            known(found.account, &mut credential.account);
            known(found.principal, &mut credential.principal);
            known(found.isolation, &mut credential.isolation);
            Ok(())
        })
    }

    /// Records something that is about to happen to a credential outside of the store. Whatever
    /// happens to it next adds an event of its own, so that one which is the last is still open.
    ///
    /// # Errors
    ///
    /// If the credential was changed since it was seen, or is revoked.
    pub fn note(
        &mut self,
        seen: Seen<'_>,
        what: &str,
        stamp: &Stamp,
    ) -> Result<Credential, StoreError> {
        self.change(seen, what, stamp, |_, credential| {
            refuse_revoked(credential)
        })
    }

    /// Removes a credential with its secrets. What happened to it stays in the list of events. One
    /// that was tampered with can be removed as well.
    ///
    /// # Errors
    ///
    /// If the credential was changed since it was seen.
    pub fn remove(&mut self, seen: Seen<'_>, stamp: &Stamp) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        let mut credential = load_seen(&transaction, seen)?;
        transaction.execute("DELETE FROM credentials WHERE id = ?1", [&credential.id])?;
        credential.revision += 1;
        row::add_event(&transaction, &credential, "removed", stamp)?;
        transaction.commit()?;
        Ok(())
    }

    /// Starts a transaction that writes, so that two processes wait for each other at its start and
    /// not in its middle.
    pub(super) fn begin(&mut self) -> Result<Transaction<'_>, StoreError> {
        let behavior = TransactionBehavior::Immediate;
        Ok(self.connection.transaction_with_behavior(behavior)?)
    }

    /// Changes a credential in one transaction and adds the event. What is changed has its next
    /// revision already.
    pub(super) fn change(
        &mut self,
        seen: Seen<'_>,
        what: &str,
        stamp: &Stamp,
        edit: impl FnOnce(&Transaction<'_>, &mut Credential) -> Result<(), StoreError>,
    ) -> Result<Credential, StoreError> {
        let transaction = self.begin()?;
        let mut credential = load_seen(&transaction, seen)?;
        // Otherwise the change would make a record that was put back look like the latest.
        row::check_latest(&transaction, &credential)?;
        credential.revision += 1;
        edit(&transaction, &mut credential)?;
        row::write(&transaction, &credential)?;
        row::add_event(&transaction, &credential, what, stamp)?;
        transaction.commit()?;
        Ok(credential)
    }
}

/// Keeps a new credential within a transaction of whoever writes more than that.
pub(super) fn add(
    transaction: &Transaction<'_>,
    keyring: &Keyring,
    tenant: &str,
    new: NewCredential,
    stamp: &Stamp,
) -> Result<Credential, StoreError> {
    check_new(tenant, &new)?;
    let (kind, secret) = match new.kind {
        NewKind::AccessKey { id, secret } => (Kind::AccessKey { id }, Some(secret)),
        NewKind::Role { arn, external_id } => (Kind::Role { arn, external_id }, None),
    };
    let credential = Credential {
        id: cipher::random_name()?,
        tenant: tenant.to_owned(),
        name: new.name,
        kind,
        region: new.region,
        profile: new.profile,
        settings: new.settings,
        state: State::PendingValidation,
        state_at: stamp.at,
        reasons: Vec::new(),
        account: None,
        principal: None,
        isolation: None,
        created_at: stamp.at,
        revision: 1,
        pending: None,
        secret_revision: 1,
    };
    if is_there(transaction, tenant, &credential.name)? {
        return Err(StoreError::Exists {
            name: credential.name,
        });
    }
    row::write(transaction, &credential)?;
    if let Some(secret) = secret {
        put_secret(transaction, keyring, &credential, IN_USE, 1, &secret)?;
    }
    row::add_event(transaction, &credential, "added", stamp)?;
    Ok(credential)
}

fn check_new(tenant: &str, new: &NewCredential) -> Result<(), StoreError> {
    check_text("the tenant", tenant)?;
    check_text("the name", &new.name)?;
    let optional = [("the region", &new.region), ("the profile", &new.profile)];
    for (what, text) in optional {
        text.as_deref().map_or(Ok(()), |it| check_text(what, it))?;
    }
    let settings = &new.settings;
    let texts = [&settings.variables, &settings.features, &settings.phases];
    for text in texts.into_iter().flatten() {
        check_text("the profile's setting", text)?;
    }
    match &new.kind {
        NewKind::AccessKey { secret, .. } => check_secret(secret.expose_secret()),
        NewKind::Role { arn, external_id } => {
            check_text("the role's ARN", arn)?;
            let external_id = external_id.as_deref();
            external_id.map_or(Ok(()), |it| check_text("the external ID", it))
        }
    }
}

fn is_there(connection: &Connection, tenant: &str, name: &str) -> Result<bool, StoreError> {
    match row::load(connection, tenant, name) {
        Err(StoreError::NotFound { .. }) => Ok(false),
        // A damaged record has its name as well.
        Ok(_) | Err(StoreError::Damaged { .. }) => Ok(true),
        Err(error) => Err(error),
    }
}

fn load_seen(connection: &Connection, seen: Seen<'_>) -> Result<Credential, StoreError> {
    let credential = row::load(connection, seen.tenant, seen.name)?;
    if credential.revision == seen.revision {
        return Ok(credential);
    }
    Err(StoreError::Changed {
        name: credential.name,
        expected: seen.revision,
        found: credential.revision,
    })
}

/// Refuses what a revoked credential is no longer good for.
pub(super) fn refuse_revoked(credential: &Credential) -> Result<(), StoreError> {
    if credential.state == State::Revoked {
        return Err(StoreError::Revoked {
            name: credential.name.clone(),
        });
    }
    Ok(())
}

/// Encrypts a secret and keeps it in place of the one that the field had.
pub(super) fn put_secret(
    connection: &Connection,
    keyring: &Keyring,
    credential: &Credential,
    field: &str,
    revision: i64,
    secret: &SecretString,
) -> Result<(), StoreError> {
    let place = place(credential, field, revision);
    let sealed = seal::seal(keyring, &place, secret)
        .map_err(|error| StoreError::of_seal(error, &credential.name))?;
    connection.execute(
        "INSERT OR REPLACE INTO secrets (credential, field, revision, wrapped_with, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        (
            &credential.id,
            field,
            revision,
            keyring.active().id(),
            sealed,
        ),
    )?;
    Ok(())
}

/// Returns a secret of a credential, if it is the one that the record's revision brought.
pub(super) fn open_secret(
    connection: &Connection,
    keyring: &Keyring,
    credential: &Credential,
    field: &str,
    revision: i64,
) -> Result<SecretString, StoreError> {
    let name = &credential.name;
    if matches!(credential.kind, Kind::Role { .. }) {
        return Err(StoreError::NoAccessKey { name: name.clone() });
    }
    refuse_revoked(credential)?;
    row::check_latest(connection, credential)?;
    let found: Option<(String, Vec<u8>)> = connection
        .query_row(
            "SELECT wrapped_with, sealed FROM secrets
             WHERE credential = ?1 AND field = ?2 AND revision = ?3",
            (&credential.id, field, revision),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    // The record says that it has one.
    let (key, sealed) = found.ok_or_else(|| StoreError::Tampered { name: name.clone() })?;
    let of_seal = |error| StoreError::of_seal(error, name);
    // A key would be thrown away too early where the column, by which its uses are counted, lied.
    if seal::key_of(&sealed).map_err(of_seal)? != key {
        return Err(StoreError::Tampered { name: name.clone() });
    }
    seal::open(keyring, &place(credential, field, revision), &sealed).map_err(of_seal)
}

/// Returns what a secret is bound to.
pub(super) fn place<'a>(credential: &'a Credential, field: &'a str, revision: i64) -> Place<'a> {
    Place {
        tenant: &credential.tenant,
        credential: &credential.id,
        field,
        revision,
    }
}
