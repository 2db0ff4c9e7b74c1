//! Rotation of wrapping keys: the keys of secrets are wrapped anew, the secrets stay as they are.
//!
//! This is the one thing that goes across tenants, because a store's keys do. It goes in batches,
//! each in one transaction, and may stop anywhere: what is left still names the old key.

use rusqlite::{Connection, Transaction};

use super::credential::{Credential, Stamp};
use super::database::Store;
use super::error::StoreError;
use super::key::Keyring;
use super::life::place;
use super::{row, seal};

/// How many secrets a key wraps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// The name of the key.
    pub key: String,
    /// The number of secrets. A key with none may be thrown away.
    pub secrets: u64,
}

/// Where the next batch starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    credential: String,
    field: String,
}

/// What one batch did.
#[derive(Debug)]
pub struct Rewrapped {
    /// How many secrets have the active key now that had another.
    pub done: usize,
    /// Those that keep their old key, and why.
    pub unopened: Vec<Unopened>,
    /// Where the next batch starts; `None`: all were looked at.
    pub next: Option<Cursor>,
}

/// A secret that could not be given the active key.
#[derive(Debug)]
pub struct Unopened {
    /// Whose it is.
    pub tenant: String,
    /// The credential's name.
    pub name: String,
    /// Why.
    pub error: StoreError,
}

/// A secret as a batch found it.
struct Found {
    credential: String,
    field: String,
    revision: i64,
    wrapped_with: String,
    sealed: Vec<u8>,
}

impl Store {
    /// Returns how many secrets each key wraps, of all tenants.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub fn key_use(&self) -> Result<Vec<KeyUse>, StoreError> {
        let mut query = self.connection.prepare(
            "SELECT wrapped_with, count(*) FROM secrets GROUP BY wrapped_with ORDER BY wrapped_with",
        )?;
        let rows = query.query_map((), |it| {
            Ok(KeyUse {
                key: it.get(0)?,
                secrets: u64::try_from(it.get::<_, i64>(1)?).unwrap_or_default(),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Wraps the keys of the next secrets with the active key; `after` is `None` at first and then
    /// what the batch before returned. Starting anew is harmless.
    ///
    /// # Errors
    ///
    /// If the database fails or the active key cannot be used. A secret that does not open is no
    /// error: the others go on.
    pub fn rewrap(
        &mut self,
        keyring: &Keyring,
        after: Option<&Cursor>,
        batch: u32,
        stamp: &Stamp,
    ) -> Result<Rewrapped, StoreError> {
        let active = keyring.active().id();
        let transaction = self.begin()?;
        let found = find(&transaction, active, after, batch.max(1))?;
        let mut result = Rewrapped {
            done: 0,
            unopened: Vec::new(),
            next: None,
        };
        for it in &found {
            let credential = owner(&transaction, it)?;
            match rewrap_one(&transaction, keyring, &credential, it, stamp) {
                Ok(is_done) => result.done += usize::from(is_done),
                Err(
                    error @ (StoreError::Tampered { .. }
                    | StoreError::KeyMissing { .. }
                    | StoreError::NewerSecret { .. }),
                ) => {
                    result.unopened.push(Unopened {
                        tenant: credential.tenant,
                        name: credential.name,
                        error,
                    });
                }
                Err(error) => return Err(error),
            }
        }
        transaction.commit()?;
        result.next = found.into_iter().next_back().map(|it| Cursor {
            credential: it.credential,
            field: it.field,
        });
        Ok(result)
    }
}

/// Returns the next secrets that another key wraps.
fn find(
    connection: &Connection,
    active: &str,
    after: Option<&Cursor>,
    batch: u32,
) -> Result<Vec<Found>, StoreError> {
    let (credential, field) = after.map_or(("", ""), |it| (&it.credential, &it.field));
    let mut query = connection.prepare(
        "SELECT credential, field, revision, wrapped_with, sealed FROM secrets
         WHERE wrapped_with <> ?1 AND (credential, field) > (?2, ?3)
         ORDER BY credential, field LIMIT ?4",
    )?;
    let rows = query.query_map((active, credential, field, batch), |it| {
        Ok(Found {
            credential: it.get(0)?,
            field: it.get(1)?,
            revision: it.get(2)?,
            wrapped_with: it.get(3)?,
            sealed: it.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn owner(connection: &Connection, found: &Found) -> Result<Credential, StoreError> {
    connection.query_row(
        "SELECT * FROM credentials WHERE id = ?1",
        [&found.credential],
        |it| Ok(row::read(it)),
    )?
}

/// Returns whether the secret was as it was found.
fn rewrap_one(
    transaction: &Transaction<'_>,
    keyring: &Keyring,
    credential: &Credential,
    found: &Found,
    stamp: &Stamp,
) -> Result<bool, StoreError> {
    row::check_latest(transaction, credential)?;
    let place = place(credential, &found.field, found.revision);
    let sealed = seal::rewrap(keyring, &place, &found.sealed)
        .map_err(|error| StoreError::of_seal(error, &credential.name))?;
    // The transaction holds others off; the comparison holds even where it would not.
    let changed = transaction.execute(
        "UPDATE secrets SET sealed = ?1, wrapped_with = ?2
         WHERE credential = ?3 AND field = ?4 AND revision = ?5 AND wrapped_with = ?6",
        (
            sealed,
            keyring.active().id(),
            &found.credential,
            &found.field,
            found.revision,
            &found.wrapped_with,
        ),
    )?;
    if changed == 1 {
        row::add_event(
            transaction,
            credential,
            "secret wrapped by another key",
            stamp,
        )?;
    }
    Ok(changed == 1)
}
