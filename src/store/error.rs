//! Why the store does not do something.

use std::path::PathBuf;

use thiserror::Error;

use super::cipher;
use super::key::KeyError;
use super::seal::SealError;

/// Why the store does not do something. No message holds a secret.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The user named a place where no file can be made or opened.
    #[error("the store {} cannot be opened: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
    /// The user named a file that is something else.
    #[error("{} is not a store of credentials", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// A later version of this program wrote the store.
    #[error("the store's format {found} is newer than this program, which knows {known}")]
    Newer {
        /// The store's version.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// The file lies where two processes cannot share it, such as on a network drive.
    #[error("the store lies where it cannot be shared safely: no write-ahead log (`{mode}`)")]
    NotShareable {
        /// The mode that SQLite fell back to.
        mode: String,
    },
    /// Another process holds the store for too long.
    #[error("another process is using the store; try again")]
    Busy,
    /// The database failed: a full disk, or a damaged file.
    #[error("the store's database failed: {0}")]
    Database(#[source] rusqlite::Error),
    /// A record holds what this program never writes.
    #[error("the record of `{name}` is damaged: {what} cannot be read")]
    Damaged {
        /// The credential.
        name: String,
        /// What cannot be read.
        what: &'static str,
    },
    /// The tenant has no credential of that name.
    #[error("there is no credential `{name}`")]
    NotFound {
        /// What the user named.
        name: String,
    },
    /// The tenant has one already.
    #[error("there is a credential `{name}` already")]
    Exists {
        /// What the user named.
        name: String,
    },
    /// Somebody else changed it in between.
    #[error("`{name}` was changed in between (revision {found} instead of {expected}); look again")]
    Changed {
        /// The credential.
        name: String,
        /// The revision that the caller had seen.
        expected: i64,
        /// The one that is there.
        found: i64,
    },
    /// What the user gave cannot be that.
    #[error("{what} cannot be that: {reason}")]
    Unfit {
        /// What was given.
        what: &'static str,
        /// What it must be.
        reason: &'static str,
    },
    /// A credential that was given up stays so.
    #[error("`{name}` is revoked for good; add a new credential")]
    Revoked {
        /// The credential.
        name: String,
    },
    /// A role has no secret and no second key.
    #[error("`{name}` is a role: it has no access key")]
    NoAccessKey {
        /// The credential.
        name: String,
    },
    /// The rotation is not where this step belongs.
    #[error("`{name}` cannot be {wanted}: its second key is {found}")]
    OutOfOrder {
        /// The credential.
        name: String,
        /// The step that was asked for.
        wanted: &'static str,
        /// Where the rotation is.
        found: &'static str,
    },
    /// The key that a secret was sealed with is not at hand.
    #[error("the secret of `{name}` was sealed with the key {key}, which is not at hand")]
    KeyMissing {
        /// The credential.
        name: String,
        /// The name of the key.
        key: String,
    },
    /// A secret or its record was changed by something else than this program.
    #[error(
        "the secret of `{name}` does not belong to its record: it was changed, or copied from \
         another record or an earlier time"
    )]
    Tampered {
        /// The credential.
        name: String,
    },
    /// A later version of this program sealed the secret.
    #[error("the secret of `{name}` was sealed by a newer version of this program")]
    NewerSecret {
        /// The credential.
        name: String,
    },
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl StoreError {
    pub(super) fn of_seal(error: SealError, name: &str) -> Self {
        let name = name.to_owned();
        match error {
            SealError::KeyMissing { id } => Self::KeyMissing { name, key: id },
            SealError::Tampered => Self::Tampered { name },
            SealError::Newer { .. } => Self::NewerSecret { name },
            SealError::Key(error) => Self::Key(error),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
        match error.sqlite_error_code() {
            Some(DatabaseBusy | DatabaseLocked) => Self::Busy,
            _ => Self::Database(error),
        }
    }
}

impl From<cipher::NoRandomness> for StoreError {
    fn from(error: cipher::NoRandomness) -> Self {
        Self::Key(error.into())
    }
}
