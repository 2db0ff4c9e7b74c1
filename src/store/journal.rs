//! What a bootstrap has done and was about to do, in the store's file: one row before each call that
//! writes and one after it, never changed.
//!
//! Where the secret of a new access key goes is decided here as well, because it must be on disk
//! together with the entry that says so: into the store itself, encrypted to a recipient beside the
//! entry, or as the last resort into a file of its own. One run at a time has the journal of an
//! installation; the system gives it back when that run ends, however it ends.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use age::x25519::Recipient;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rusqlite::Connection;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::credential::{AccessKeyId, NewCredential, NewKind, Settings, Stamp};
use super::database::Store;
use super::error::StoreError;
use super::key::{Keyring, owner_only};
use super::life;
use crate::provision::{self, Entry, Event, Lost};

/// The tables are made when a bootstrap first needs them, so that other stores have none.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS bootstrap (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    installation TEXT NOT NULL,
    at INTEGER NOT NULL,
    plan TEXT NOT NULL,
    object TEXT NOT NULL,
    event TEXT NOT NULL,
    about TEXT NOT NULL,
    encrypted TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS bootstrap_of ON bootstrap (installation, number);
CREATE TRIGGER IF NOT EXISTS bootstrap_stays BEFORE DELETE ON bootstrap
BEGIN SELECT RAISE(ABORT, 'entries are only added'); END;
CREATE TRIGGER IF NOT EXISTS bootstrap_keeps BEFORE UPDATE ON bootstrap
BEGIN SELECT RAISE(ABORT, 'entries are only added'); END;
";

/// More than any file of a secret holds.
const MAX_FILE_BYTES: u64 = 4096;

/// Where the secret of a new access key goes. Its debug form shows no key.
pub enum SecretTo {
    /// Nowhere: no key is made.
    Nowhere,
    /// Into the store, as a credential that is pending validation.
    Store {
        /// What wraps it.
        keyring: Keyring,
        /// Whose credential it is.
        tenant: String,
        /// The credential's name.
        name: String,
        /// The region where nothing else is said.
        region: Option<String>,
        /// The profile whose requirements it is to meet.
        profile: Option<String>,
        /// How the profile is set.
        settings: Settings,
    },
    /// Encrypted to this recipient, beside the entry.
    Recipient(Recipient),
    /// Into this file, which must not be there yet: the one plain copy.
    File(PathBuf),
}

impl fmt::Debug for SecretTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nowhere => "Nowhere",
            Self::Store { .. } => "Store",
            Self::Recipient(_) => "Recipient",
            Self::File(_) => "File",
        })
    }
}

/// Why there is no journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another run of this bootstrap is going on.
    #[error(
        "another run of the bootstrap `{installation}` is going on; wait until it has ended, and \
         repeat this"
    )]
    Taken {
        /// The bootstrap.
        installation: String,
    },
    /// The user named a place where no file can be made or opened.
    #[error("{} cannot be opened or made: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
    /// The user's: no key of age.
    #[error("`{text}` is no recipient: it must be a public key of age, `age1…`: {reason}")]
    NoRecipient {
        /// What was given.
        text: String,
        /// Why it is none.
        reason: &'static str,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads a public key of age.
///
/// # Errors
///
/// It is none.
pub fn recipient(text: &str) -> Result<Recipient, JournalError> {
    text.parse().map_err(|reason| JournalError::NoRecipient {
        text: text.to_owned(),
        reason,
    })
}

/// The journal of one bootstrap, for as long as a run has it.
pub struct Journal {
    store: Store,
    installation: String,
    by: String,
    to: SecretTo,
    _lock: File,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("installation", &self.installation)
            .finish_non_exhaustive()
    }
}

impl Journal {
    /// Takes the journal of an installation in this store, which is made if there is none. `by` says
    /// who acts.
    ///
    /// # Errors
    ///
    /// Another run has it, or the store cannot be used.
    pub fn open(
        path: &Path,
        installation: &str,
        by: &str,
        to: SecretTo,
    ) -> Result<Self, JournalError> {
        let lock = lock(path, installation)?;
        let store = Store::open(path)?;
        store
            .connection
            .execute_batch(TABLES)
            .map_err(StoreError::from)?;
        Ok(Self {
            store,
            installation: installation.to_owned(),
            by: by.to_owned(),
            to,
            _lock: lock,
        })
    }

    /// Returns the secret of an access key that was encrypted to a recipient, in age's armored form.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub fn encrypted(&self, id: &str) -> Result<Option<String>, StoreError> {
        let mut query = self.store.connection.prepare(
            "SELECT encrypted FROM bootstrap WHERE installation = ?1 AND about = ?2
             AND encrypted IS NOT NULL ORDER BY number DESC LIMIT 1",
        )?;
        let mut rows = query.query((&self.installation, id))?;
        Ok(match rows.next()? {
            Some(row) => row.get(0)?,
            None => None,
        })
    }

    /// Returns the store's file.
    #[must_use]
    pub fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    fn read(&self) -> Result<Vec<Entry>, StoreError> {
        let mut query = self.store.connection.prepare(
            "SELECT at, plan, object, event, about FROM bootstrap
             WHERE installation = ?1 ORDER BY number",
        )?;
        let rows = query.query_map([&self.installation], |row| {
            let event: String = row.get(3)?;
            Ok((event, row.get(0)?, row.get(1)?, row.get(2)?, row.get(4)?))
        })?;
        let entry = |row: rusqlite::Result<(String, i64, String, String, String)>| {
            let (event, at, plan, object, about) = row?;
            // INVARIANT: what this program does not understand it does not act upon.
            let event = Event::of_name(&event).ok_or_else(|| StoreError::Damaged {
                name: object.clone(),
                what: "an entry of the bootstrap",
            })?;
            Ok(Entry {
                at,
                plan,
                object,
                event,
                about,
            })
        };
        rows.map(entry).collect()
    }

    fn keep_secret(&mut self, entry: &Entry, secret: &SecretString) -> Result<(), JournalError> {
        let id = AccessKeyId::new(&entry.about)?;
        let stamp = Stamp {
            at: Timestamp::from_second(entry.at).unwrap_or(Timestamp::UNIX_EPOCH),
            by: self.by.clone(),
        };
        // The file comes first: without an entry its key is found again by its id, while an entry
        // without its file would be a lost secret.
        if let SecretTo::File(path) = &self.to {
            write_new(path, &entry.about, secret)?;
        }
        let encrypted = match &self.to {
            SecretTo::Recipient(recipient) => Some(encrypt(recipient, &entry.about, secret)?),
            _ => None,
        };
        let transaction = self.store.begin()?;
        insert(
            &transaction,
            &self.installation,
            entry,
            encrypted.as_deref(),
        )?;
        if let SecretTo::Store {
            keyring,
            tenant,
            name,
            region,
            profile,
            settings,
        } = &self.to
        {
            let new = NewCredential {
                name: name.clone(),
                kind: NewKind::AccessKey {
                    id,
                    secret: secret.clone(),
                },
                region: region.clone(),
                profile: profile.clone(),
                settings: settings.clone(),
            };
            life::add(&transaction, keyring, tenant, new, &stamp)?;
        }
        transaction.commit().map_err(StoreError::from)?;
        Ok(())
    }

    fn check_ready(&self) -> Result<(), JournalError> {
        let path = match &self.to {
            SecretTo::Nowhere => {
                return Err(StoreError::Unfit {
                    what: "the place of the new key's secret",
                    reason: "none was named",
                }
                .into());
            }
            SecretTo::Recipient(_) => return Ok(()),
            SecretTo::Store { tenant, name, .. } => {
                return match self.store.get(tenant, name) {
                    Err(StoreError::NotFound { .. }) => Ok(()),
                    Ok(_) => Err(StoreError::Exists { name: name.clone() }.into()),
                    Err(error) => Err(error.into()),
                };
            }
            SecretTo::File(path) => path,
        };
        // Whether it can be made is known for certain only by making it.
        drop(made_new(path)?);
        std::fs::remove_file(path).map_err(|error| of_file(path, error))
    }
}

impl provision::Journal for Journal {
    type Secret = SecretString;

    fn entries(&self) -> Result<Vec<Entry>, Lost> {
        self.read().map_err(lost)
    }

    fn add(&mut self, entry: &Entry) -> Result<(), Lost> {
        insert(&self.store.connection, &self.installation, entry, None).map_err(lost)
    }

    fn ready(&mut self) -> Result<(), Lost> {
        self.check_ready().map_err(lost)
    }

    fn keep(&mut self, entry: &Entry, secret: SecretString) -> Result<(), Lost> {
        self.keep_secret(entry, &secret).map_err(|error| {
            Lost(format!(
                "the access key {} was made, but its secret could not be kept: {error}. Put that \
                 right and repeat this: the lost key is deleted then, and a new one made",
                entry.about
            ))
        })
    }

    fn holds(&self, id: &str) -> Result<bool, Lost> {
        let SecretTo::File(path) = &self.to else {
            return Ok(false);
        };
        let file = match OpenOptions::new().read(true).open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            file => file,
        };
        let mut text = Zeroizing::new(String::new());
        let read = file.and_then(|it| it.take(MAX_FILE_BYTES).read_to_string(&mut text));
        read.map_err(|error| lost(of_file(path, error)))?;
        // Both lines are there: the file was written to its end.
        Ok(text.contains(&format!("aws_access_key_id = {id}\n"))
            && text.contains("aws_secret_access_key = ")
            && text.ends_with('\n'))
    }
}

fn lost(error: impl fmt::Display) -> Lost {
    Lost(error.to_string())
}

fn insert(
    connection: &Connection,
    installation: &str,
    entry: &Entry,
    encrypted: Option<&str>,
) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO bootstrap (installation, at, plan, object, event, about, encrypted)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            installation,
            entry.at,
            &entry.plan,
            &entry.object,
            entry.event.name(),
            &entry.about,
            encrypted,
        ),
    )?;
    Ok(())
}

/// Takes the lock of an installation, a file beside the store. The system drops it with the process.
fn lock(path: &Path, installation: &str) -> Result<File, JournalError> {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    let plain: String = installation
        .chars()
        .map(|it| if is_plain(it) { it } else { '-' })
        .collect();
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{plain}.lock"));
    let path = PathBuf::from(name);
    let open_error = |error| JournalError::File {
        path: path.clone(),
        error,
    };
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    let file = owner_only(&mut options).open(&path).map_err(open_error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(JournalError::Taken {
            installation: installation.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(open_error(error)),
    }
}

fn of_file(path: &Path, error: std::io::Error) -> JournalError {
    JournalError::File {
        path: path.to_owned(),
        error,
    }
}

fn made_new(path: &Path) -> Result<File, JournalError> {
    let made = owner_only(OpenOptions::new().write(true).create_new(true)).open(path);
    made.map_err(|error| of_file(path, error))
}

/// Writes a secret into a new file that only its owner may read, as the AWS CLI's shared credentials
/// file holds it.
fn write_new(path: &Path, id: &str, secret: &SecretString) -> Result<(), JournalError> {
    let mut file = made_new(path)?;
    let text = plain(id, secret);
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    written.map_err(|error| of_file(path, error))
}

fn plain(id: &str, secret: &SecretString) -> Zeroizing<String> {
    let secret = secret.expose_secret();
    Zeroizing::new(format!(
        "[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"
    ))
}

/// Encrypts a secret to a recipient, in age's armored form: what `age --decrypt` reads.
fn encrypt(recipient: &Recipient, id: &str, secret: &SecretString) -> Result<String, StoreError> {
    let refused = |_| StoreError::Unfit {
        what: "the recipient",
        reason: "nothing can be encrypted to it",
    };
    let bytes = age::encrypt(recipient, plain(id, secret).as_bytes()).map_err(refused)?;
    let text = STANDARD.encode(bytes);
    let mut armored = String::from("-----BEGIN AGE ENCRYPTED FILE-----\n");
    // INVARIANT: base64 is ASCII, so every 64 bytes are characters.
    for line in text.as_bytes().chunks(64) {
        armored.push_str(&String::from_utf8_lossy(line));
        armored.push('\n');
    }
    armored.push_str("-----END AGE ENCRYPTED FILE-----\n");
    Ok(armored)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provision::Journal as _;

    const ID: &str = "AKIAIOSFODNN7EXAMPLE";

    fn secret() -> SecretString {
        SecretString::from("a-secret-of-nobody-at-all")
    }

    fn made() -> Entry {
        Entry {
            at: 1_764_000_000,
            plan: "2026-11-29T08:00:00Z".to_owned(),
            object: "key/cloud".to_owned(),
            event: Event::Made,
            about: ID.to_owned(),
        }
    }

    fn open(folder: &Path, to: SecretTo) -> Result<Journal, JournalError> {
        Journal::open(&folder.join("store.db"), "in/one", "tests", to)
    }

    /// Every byte that lies in the folder.
    #[expect(
        clippy::disallowed_methods,
        reason = "a test that looks at what was written"
    )]
    fn bytes(folder: &Path) -> String {
        let files = std::fs::read_dir(folder).unwrap();
        let files = files.map(|it| std::fs::read(it.unwrap().path()).unwrap());
        files
            .map(|it| String::from_utf8_lossy(&it).into_owned())
            .collect()
    }

    #[test]
    fn entries_are_only_added_and_each_installation_has_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = open(folder.path(), SecretTo::Nowhere).unwrap();
        journal.add(&made()).unwrap();
        assert_eq!(journal.entries().unwrap(), [made()]);
        let connection = &journal.store.connection;
        for statement in ["DELETE FROM bootstrap", "UPDATE bootstrap SET about = ''"] {
            assert!(connection.execute(statement, ()).is_err(), "{statement}");
        }
        let path = folder.path().join("store.db");
        let other = Journal::open(&path, "other", "tests", SecretTo::Nowhere).unwrap();
        assert_eq!(other.entries().unwrap(), []);
    }

    #[test]
    fn one_run_at_a_time_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path(), SecretTo::Nowhere).unwrap();
        let second = open(folder.path(), SecretTo::Nowhere).unwrap_err();
        assert!(second.to_string().contains("another run"), "{second}");
        drop(first);
        open(folder.path(), SecretTo::Nowhere).unwrap();
    }

    #[test]
    fn a_secret_goes_into_the_store_with_its_entry() {
        let folder = tempfile::tempdir().unwrap();
        let keyring = || {
            let key: Vec<u8> = (0..32).collect();
            let key = crate::store::key::LocalKey::from_text(&STANDARD.encode(key), "test");
            Keyring::new(Box::new(key.unwrap()), Vec::new()).unwrap()
        };
        let to = SecretTo::Store {
            keyring: keyring(),
            tenant: "tenant".to_owned(),
            name: "cloud".to_owned(),
            region: None,
            profile: None,
            settings: Settings::default(),
        };
        let mut journal = open(folder.path(), to).unwrap();
        journal.ready().unwrap();
        journal.keep(&made(), secret()).unwrap();
        let kept = journal.store.secret(&keyring(), "tenant", "cloud").unwrap();
        assert_eq!(kept.expose_secret(), secret().expose_secret());
        assert!(journal.ready().is_err(), "the name is taken");
        // Neither or both.
        assert!(journal.keep(&made(), secret()).is_err());
        assert_eq!(journal.entries().unwrap().len(), 1);
        assert!(!bytes(folder.path()).contains(secret().expose_secret()));
    }

    #[test]
    fn a_recipient_can_read_what_was_encrypted_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let identity = age::x25519::Identity::generate();
        let to = SecretTo::Recipient(identity.to_public());
        let mut journal = open(folder.path(), to).unwrap();
        journal.keep(&made(), secret()).unwrap();
        let armored = journal.encrypted(ID).unwrap().unwrap();
        let inner: String = armored.lines().filter(|it| !it.starts_with('-')).collect();
        let bytes_of = STANDARD.decode(inner).unwrap();
        let text = age::decrypt(&identity, &bytes_of).unwrap();
        assert!(
            String::from_utf8(text)
                .unwrap()
                .contains(secret().expose_secret())
        );
        assert!(!bytes(folder.path()).contains(secret().expose_secret()));
        assert!(recipient("age1nonsense").is_err());
    }

    #[test]
    fn a_file_is_new_and_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let mut journal = open(folder.path(), SecretTo::File(path.clone())).unwrap();
        journal.ready().unwrap();
        assert!(!path.exists() && !journal.holds(ID).unwrap());
        journal.keep(&made(), secret()).unwrap();
        assert!(journal.holds(ID).unwrap() && !journal.holds("AKIAOTHER").unwrap());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = path.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(journal.ready().is_err(), "it is never written over");
        let error = journal.keep(&made(), secret()).unwrap_err().to_string();
        assert!(error.contains(ID) && !error.contains(secret().expose_secret()));
    }
}
