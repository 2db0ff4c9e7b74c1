//! Keys that wrap the keys of secrets: where they come from, and which of them is in use.
//!
//! There is no default key, and none is made unless it is asked for. A key in a file must be
//! readable by its owner alone. A key in the environment, or printed by a program (age, pass,
//! systemd-creds), is read by `cli` and handed in as text. A key service can be a further
//! [`WrappingKey`]: it gets the place of a secret as pairs, which is what AWS KMS calls an
//! encryption context (AWS KMS Developer Guide, "Encryption context").

use std::fmt;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretBox};
use thiserror::Error;
use zeroize::Zeroizing;

use super::cipher::{self, KEY_BYTES};
use super::seal::Place;

/// The key of one secret, as it is before wrapping.
pub type DataKey = SecretBox<[u8; KEY_BYTES]>;

/// More than any key file holds.
const MAX_FILE_BYTES: u64 = 1024;

/// Why a key cannot be used. No message holds a key.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The user named a file that cannot be read or written.
    #[error("the key file {} cannot be {doing}: {error}", path.display())]
    File {
        /// Read or made.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
    /// A key file is never written over: what it once wrapped would be lost.
    #[error("the key file {} is there already and is left as it is", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Others than its owner may read or change the file.
    #[error(
        "the key file {} is open to others than its owner (mode {mode:03o}); `chmod 600` it, and \
         think about who has read it",
        path.display()
    )]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// What should be a key is none.
    #[error("{source_name} holds no key: a key is base64 of 32 random bytes")]
    NotAKey {
        /// Where it came from, in the user's words.
        source_name: String,
    },
    /// Two keys of a keyring are the same.
    #[error("the key {id} is given twice")]
    Twice {
        /// Its name.
        id: String,
    },
    /// What was wrapped is not what is to be unwrapped: it was changed, or belongs elsewhere.
    #[error("what the key {id} should unwrap was not wrapped by it for this place")]
    Refused {
        /// The name of the key.
        id: String,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// A key service could not be asked; its message must hold no secret.
    #[error("the key {id} cannot be used now: {reason}")]
    Service {
        /// The name of the key.
        id: String,
        /// What the service said.
        reason: String,
    },
}

impl From<cipher::NoRandomness> for KeyError {
    fn from(_: cipher::NoRandomness) -> Self {
        Self::NoRandomness
    }
}

/// A key that wraps the keys of secrets, wherever it lies.
pub trait WrappingKey: Send + Sync {
    /// Returns the name that records keep of it. It tells nothing about the key.
    fn id(&self) -> &str;

    /// Wraps a key, bound to the place of its secret.
    ///
    /// # Errors
    ///
    /// If the key cannot be used.
    fn wrap(&self, key: &DataKey, place: &Place<'_>) -> Result<Vec<u8>, KeyError>;

    /// Returns the key that was wrapped for this place.
    ///
    /// # Errors
    ///
    /// [`KeyError::Refused`] if it was changed or wrapped for another place.
    fn open(&self, wrapped: &[u8], place: &Place<'_>) -> Result<DataKey, KeyError>;
}

/// A key that is at hand: from a file, the environment or a program.
pub struct LocalKey {
    id: String,
    key: DataKey,
}

impl LocalKey {
    /// Reads a key file, which only its owner may be able to read or change.
    ///
    /// On systems without Unix permissions the latter is not checked.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is open to others or holds no key.
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        let failure = |error| KeyError::File {
            doing: "read",
            path: path.to_owned(),
            error,
        };
        let file = OpenOptions::new().read(true).open(path).map_err(failure)?;
        // The opened file is judged, not its name, which could be another file a moment later.
        check_owner_only(&file.metadata().map_err(failure)?, path)?;
        let mut text = Zeroizing::new(String::with_capacity(MAX_FILE_BYTES as usize));
        file.take(MAX_FILE_BYTES)
            .read_to_string(&mut text)
            .map_err(failure)?;
        Self::from_text(&text, &format!("the key file {}", path.display()))
    }

    /// Reads a key from a text that the environment or a program gave; errors name it so.
    ///
    /// # Errors
    ///
    /// If the text holds no key.
    pub fn from_text(text: &str, source_name: &str) -> Result<Self, KeyError> {
        let not_a_key = || KeyError::NotAKey {
            source_name: source_name.to_owned(),
        };
        let mut bytes = Zeroizing::new([0; 2 * KEY_BYTES]);
        let length = STANDARD
            .decode_slice(text.trim(), &mut *bytes)
            .map_err(|_| not_a_key())?;
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        if length != KEY_BYTES {
            return Err(not_a_key());
        }
        key.copy_from_slice(&bytes[..KEY_BYTES]);
        // One byte repeated is a placeholder that somebody left standing.
        if key.iter().all(|it| *it == key[0]) {
            return Err(not_a_key());
        }
        Ok(Self {
            id: format!("local-{}", cipher::name_of(&key)?),
            key: SecretBox::init_with_mut(|it: &mut [u8; KEY_BYTES]| it.copy_from_slice(&*key)),
        })
    }
}

impl WrappingKey for LocalKey {
    fn id(&self) -> &str {
        &self.id
    }

    fn wrap(&self, key: &DataKey, place: &Place<'_>) -> Result<Vec<u8>, KeyError> {
        let bound = place.bound("key", &self.id);
        let wrapped = cipher::encrypt(self.key.expose_secret(), &bound, key.expose_secret())?;
        Ok(wrapped)
    }

    fn open(&self, wrapped: &[u8], place: &Place<'_>) -> Result<DataKey, KeyError> {
        let refused = || KeyError::Refused {
            id: self.id.clone(),
        };
        let bound = place.bound("key", &self.id);
        let plain = cipher::decrypt(self.key.expose_secret(), &bound, wrapped)
            .map_err(|cipher::Refused| refused())?;
        if plain.len() != KEY_BYTES {
            return Err(refused());
        }
        Ok(SecretBox::init_with_mut(|it: &mut [u8; KEY_BYTES]| {
            it.copy_from_slice(&plain);
        }))
    }
}

impl fmt::Debug for LocalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LocalKey({})", self.id)
    }
}

/// Makes a key file that only its owner may read, and returns the key. A file that is there is never
/// touched.
///
/// # Errors
///
/// If there is such a file, or it cannot be written.
pub fn create_key_file(path: &Path) -> Result<LocalKey, KeyError> {
    let failure = |error| KeyError::File {
        doing: "made",
        path: path.to_owned(),
        error,
    };
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    cipher::fill_random(&mut *bytes)?;
    let mut line = Zeroizing::new(STANDARD.encode(*bytes));
    let key = LocalKey::from_text(&line, &format!("the key file {}", path.display()))?;
    line.push('\n');
    let mut file = owner_only(OpenOptions::new().write(true).create_new(true))
        .open(path)
        .map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => KeyError::Exists {
                path: path.to_owned(),
            },
            _ => failure(error),
        })?;
    // On disk before anything is wrapped by it, the folder's entry too.
    let written = file
        .write_all(line.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| sync_folder(path));
    if let Err(error) = written {
        // Half a key is of no use and would stand in the way of the next attempt.
        let _ = std::fs::remove_file(path);
        return Err(failure(error));
    }
    Ok(key)
}

/// Makes files that are created so readable by their owner alone.
#[cfg(unix)]
pub(super) fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

/// Leaves the permissions to the folder, as these systems do.
#[cfg(not(unix))]
pub(super) fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn check_owner_only(metadata: &std::fs::Metadata, path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(KeyError::OpenToOthers {
        path: path.to_owned(),
        mode,
    })
}

#[cfg(not(unix))]
fn check_owner_only(_: &std::fs::Metadata, _: &Path) -> Result<(), KeyError> {
    Ok(())
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    OpenOptions::new().read(true).open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// The keys at hand: the active one wraps, all of them unwrap.
pub struct Keyring {
    active: Box<dyn WrappingKey>,
    older: Vec<Box<dyn WrappingKey>>,
}

impl Keyring {
    /// Makes a keyring of the active key and older ones that some records may still need.
    ///
    /// # Errors
    ///
    /// If a key is given twice.
    pub fn new(
        active: Box<dyn WrappingKey>,
        older: Vec<Box<dyn WrappingKey>>,
    ) -> Result<Self, KeyError> {
        let keyring = Self { active, older };
        let mut ids: Vec<&str> = keyring.keys().map(WrappingKey::id).collect();
        ids.sort_unstable();
        if let Some(pair) = ids.windows(2).find(|it| it[0] == it[1]) {
            return Err(KeyError::Twice {
                id: pair[0].to_owned(),
            });
        }
        Ok(keyring)
    }

    /// Returns the key that wraps.
    #[must_use]
    pub fn active(&self) -> &dyn WrappingKey {
        &*self.active
    }

    /// Returns the key of a name.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&dyn WrappingKey> {
        self.keys().find(|it| it.id() == id)
    }

    fn keys(&self) -> impl Iterator<Item = &dyn WrappingKey> {
        std::iter::once(&*self.active).chain(self.older.iter().map(|it| &**it))
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.keys().map(WrappingKey::id))
            .finish()
    }
}
