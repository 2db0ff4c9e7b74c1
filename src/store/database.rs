//! The store's file: how it is opened, and what its tables are.
//!
//! One SQLite file with a write-ahead log beside it. Two processes may use it at once; a process
//! that dies leaves what it had committed. The file may be copied as a backup: without the keys its
//! secrets are unreadable. It cannot tell, however, that the whole file was put back as it once was.

use std::fmt;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use super::error::StoreError;
use super::key::owner_only;

/// The version of the tables.
const VERSION: i64 = 1;

/// Marks the file as ours (SQLite, "PRAGMA application_id"): `rlcl`.
const APPLICATION: i64 = 0x726c_636c;

/// How long one process waits for another.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often, and how far apart, the switch to the write-ahead log is tried: SQLite does not wait by
/// itself there.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(50);

const TABLES: &str = "
CREATE TABLE credentials (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    provider TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('access key', 'role')),
    access_key_id TEXT,
    role_arn TEXT,
    external_id TEXT,
    region TEXT,
    profile TEXT,
    variables TEXT NOT NULL,
    features TEXT NOT NULL,
    phases TEXT NOT NULL,
    isolation_required INTEGER NOT NULL,
    state TEXT NOT NULL,
    state_at TEXT NOT NULL,
    reasons TEXT NOT NULL,
    account TEXT,
    principal TEXT,
    isolation TEXT,
    created_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    secret_revision INTEGER NOT NULL,
    pending_step TEXT,
    pending_id TEXT,
    pending_replaces TEXT,
    pending_at TEXT,
    pending_revision INTEGER,
    UNIQUE (tenant, name)
) STRICT;
CREATE TABLE secrets (
    credential TEXT NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
    field TEXT NOT NULL,
    revision INTEGER NOT NULL,
    wrapped_with TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (credential, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX secrets_by_key ON secrets (wrapped_with, credential, field);
CREATE TABLE events (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    by TEXT NOT NULL,
    what TEXT NOT NULL,
    tenant TEXT NOT NULL,
    credential TEXT NOT NULL,
    name TEXT NOT NULL,
    revision INTEGER NOT NULL,
    secret_revision INTEGER NOT NULL
) STRICT;
CREATE INDEX events_of_credential ON events (credential, number);
CREATE INDEX events_of_tenant ON events (tenant, number);
CREATE TRIGGER events_stay BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER events_keep BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
";

/// An open store of credentials. Every question names the tenant whose credentials it is about.
pub struct Store {
    pub(super) connection: Connection,
    path: PathBuf,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("path", &self.path).finish()
    }
}

impl Store {
    /// Opens the store, which is made if there is none.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, is no store, or is one of a later version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        create(path)?;
        let mut connection = connect(path).map_err(|error| open_error(error, path))?;
        prepare(&mut connection, path)?;
        Ok(Self {
            connection,
            path: path.to_owned(),
        })
    }
}

/// Makes the file readable by its owner alone; SQLite gives its log the same permissions.
fn create(path: &Path) -> Result<(), StoreError> {
    let made = owner_only(OpenOptions::new().write(true).create_new(true)).open(path);
    match made {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(StoreError::File {
            path: path.to_owned(),
            error,
        }),
        _ => Ok(()),
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(PATIENCE)?;
    // What a file's author wrote into its schema is not run with our rights.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // macOS flushes disks only when asked so.
    connection.pragma_update(None, "fullfsync", true)?;
    // Deleted envelopes are overwritten.
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}

fn open_error(error: rusqlite::Error, path: &Path) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::NotAStore {
            path: path.to_owned(),
        },
        _ => error.into(),
    }
}

/// Checks that the file is ours before anything in it is changed, then makes what is missing.
fn prepare(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    // A process that died while it made the store leaves an empty file, which is as good as none.
    // Within a transaction, as another process may be making it right now.
    let known = is_made(&connection.transaction()?, path)?;
    use_log(connection)?;
    if known {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !is_made(&transaction, path)? {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()?;
    Ok(())
}

/// Returns whether the tables are there. It asks more than once, so it needs one view of the file.
fn is_made(view: &Transaction<'_>, path: &Path) -> Result<bool, StoreError> {
    let number = |query: &str| -> Result<i64, StoreError> {
        view.query_row(query, (), |row| row.get(0))
            .map_err(|error| open_error(error, path))
    };
    let application = number("SELECT application_id FROM pragma_application_id")?;
    let version = number("SELECT user_version FROM pragma_user_version")?;
    let objects = number("SELECT count(*) FROM sqlite_schema")?;
    match (application, version) {
        (0, 0) if objects == 0 => Ok(false),
        (APPLICATION, found) if found > VERSION => Err(StoreError::Newer {
            found,
            known: VERSION,
        }),
        (APPLICATION, VERSION) => Ok(true),
        _ => Err(StoreError::NotAStore {
            path: path.to_owned(),
        }),
    }
}

/// Switches to the write-ahead log, which lets one process write while others read.
fn use_log(connection: &Connection) -> Result<(), StoreError> {
    let mut tries = TRIES;
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", (), |row| {
            row.get::<_, String>(0)
        });
        tries -= 1;
        match mode.map_err(StoreError::from) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => return Err(StoreError::NotShareable { mode }),
            Err(StoreError::Busy) if tries > 0 => std::thread::sleep(PAUSE),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_committed_is_on_disk_and_what_is_deleted_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store.db")).unwrap();
        let pragma = |name: &str| -> String {
            let query = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
            let answer = store.connection.query_row(&query, (), |it| it.get(0));
            answer.unwrap()
        };
        assert_eq!(pragma("journal_mode"), "wal");
        // FULL, by SQLite's numbers.
        assert_eq!(pragma("synchronous"), "2");
        for name in ["foreign_keys", "secure_delete"] {
            assert_eq!(pragma(name), "1", "{name}");
        }
        assert_eq!(pragma("trusted_schema"), "0");
        let strict: i64 = store
            .connection
            .query_row(
                "SELECT count(*) FROM pragma_table_list WHERE strict",
                (),
                |it| it.get(0),
            )
            .unwrap();
        assert_eq!(strict, 3);
    }
}
