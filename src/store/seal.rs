//! Envelopes around secrets.
//!
//! Each secret is encrypted by a random key of its own, and that key is wrapped by a
//! [`super::key::WrappingKey`]. Both are bound to the place of the secret, so that an envelope that
//! is copied to another tenant, record, field or revision does not open there.
//!
//! Rotation wraps the secret's key anew and leaves the secret's own encryption alone; the latter
//! therefore stays bound to the name of the key that was active when the secret came in, which the
//! envelope keeps.

use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use thiserror::Error;
use zeroize::Zeroize as _;

use super::cipher::{self, KEY_BYTES};
use super::key::{DataKey, KeyError, Keyring};

/// The version of the envelope's format.
const FORMAT: u8 = 1;

/// Where a secret belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Whose it is.
    pub tenant: &'a str,
    /// The id of the credential.
    pub credential: &'a str,
    /// Which of the credential's secrets.
    pub field: &'a str,
    /// The credential's revision that brought the secret.
    pub revision: i64,
}

impl Place<'_> {
    /// Returns what an envelope is bound to as names and values, for key services.
    #[must_use]
    pub fn pairs(&self, key: &str) -> [(&'static str, String); 6] {
        [
            ("format", FORMAT.to_string()),
            ("tenant", self.tenant.to_owned()),
            ("credential", self.credential.to_owned()),
            ("field", self.field.to_owned()),
            ("revision", self.revision.to_string()),
            ("key", key.to_owned()),
        ]
    }

    /// Returns the same as bytes for one purpose. Each part has its length before it, so that no two
    /// places give the same bytes.
    pub(super) fn bound(&self, purpose: &str, key: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, b"rolecall envelope");
        put(&mut bytes, purpose.as_bytes());
        for (name, value) in self.pairs(key) {
            put(&mut bytes, name.as_bytes());
            put(&mut bytes, value.as_bytes());
        }
        bytes
    }
}

/// Why an envelope does not open, or cannot be made.
#[derive(Debug, Error)]
pub enum SealError {
    /// The key that wrapped it is not in the keyring.
    #[error("it was sealed with the key {id}, which is not at hand")]
    KeyMissing {
        /// The name of the key.
        id: String,
    },
    /// The envelope was changed, or lies where it does not belong.
    #[error("it was changed, or does not belong here")]
    Tampered,
    /// A later version made it.
    #[error("its format {found} is newer than this program")]
    Newer {
        /// The version.
        found: u8,
    },
    /// The key cannot be used.
    #[error(transparent)]
    Key(KeyError),
}

impl From<KeyError> for SealError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Refused { .. } => Self::Tampered,
            error => Self::Key(error),
        }
    }
}

impl From<cipher::NoRandomness> for SealError {
    fn from(error: cipher::NoRandomness) -> Self {
        Self::Key(error.into())
    }
}

/// Encrypts a secret for its place.
pub(super) fn seal(
    keyring: &Keyring,
    place: &Place<'_>,
    secret: &SecretString,
) -> Result<Vec<u8>, SealError> {
    let active = keyring.active();
    let key = new_data_key()?;
    let bound = place.bound("secret", active.id());
    let text = cipher::encrypt(
        key.expose_secret(),
        &bound,
        secret.expose_secret().as_bytes(),
    )?;
    let envelope = Envelope {
        key: active.id(),
        first_key: active.id(),
        wrapped: &active.wrap(&key, place)?,
        text: &text,
    };
    Ok(envelope.to_bytes())
}

/// Returns the secret in an envelope that belongs to this place.
pub(super) fn open(
    keyring: &Keyring,
    place: &Place<'_>,
    sealed: &[u8],
) -> Result<SecretString, SealError> {
    let envelope = Envelope::read(sealed)?;
    let key = envelope.data_key(keyring, place)?;
    let bound = place.bound("secret", envelope.first_key);
    let plain = cipher::decrypt(key.expose_secret(), &bound, envelope.text)
        .map_err(|cipher::Refused| SealError::Tampered)?;
    let text = std::str::from_utf8(&plain).map_err(|_| SealError::Tampered)?;
    // Copied at its exact size, so that boxing it moves nothing and leaves no copy behind.
    Ok(SecretString::from(text))
}

/// Returns the name of the key that an envelope needs.
pub(super) fn key_of(sealed: &[u8]) -> Result<&str, SealError> {
    Ok(Envelope::read(sealed)?.key)
}

/// Wraps the key of an envelope with the active key; the secret itself is not opened.
pub(super) fn rewrap(
    keyring: &Keyring,
    place: &Place<'_>,
    sealed: &[u8],
) -> Result<Vec<u8>, SealError> {
    let envelope = Envelope::read(sealed)?;
    let key = envelope.data_key(keyring, place)?;
    let active = keyring.active();
    let again = Envelope {
        key: active.id(),
        wrapped: &active.wrap(&key, place)?,
        ..envelope
    };
    Ok(again.to_bytes())
}

fn new_data_key() -> Result<DataKey, SealError> {
    let mut result = Ok(());
    let key = SecretBox::init_with_mut(|it: &mut [u8; KEY_BYTES]| {
        result = cipher::fill_random(it);
        if result.is_err() {
            it.zeroize();
        }
    });
    result?;
    Ok(key)
}

/// The parts of an envelope.
struct Envelope<'a> {
    /// The name of the key that wraps the secret's key now.
    key: &'a str,
    /// The name of the one that did so first.
    first_key: &'a str,
    wrapped: &'a [u8],
    text: &'a [u8],
}

impl<'a> Envelope<'a> {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        put(&mut bytes, self.key.as_bytes());
        put(&mut bytes, self.first_key.as_bytes());
        put(&mut bytes, self.wrapped);
        put(&mut bytes, self.text);
        bytes
    }

    fn read(bytes: &'a [u8]) -> Result<Self, SealError> {
        let (&format, mut rest) = bytes.split_first().ok_or(SealError::Tampered)?;
        if format > FORMAT {
            return Err(SealError::Newer { found: format });
        }
        let name = |it| std::str::from_utf8(it).map_err(|_| SealError::Tampered);
        let envelope = Self {
            key: name(take(&mut rest)?)?,
            first_key: name(take(&mut rest)?)?,
            wrapped: take(&mut rest)?,
            text: take(&mut rest)?,
        };
        if format == FORMAT && rest.is_empty() {
            Ok(envelope)
        } else {
            Err(SealError::Tampered)
        }
    }

    fn data_key(&self, keyring: &Keyring, place: &Place<'_>) -> Result<DataKey, SealError> {
        let key = keyring
            .find(self.key)
            .ok_or_else(|| SealError::KeyMissing {
                id: self.key.to_owned(),
            })?;
        Ok(key.open(self.wrapped, place)?)
    }
}

/// Appends a part with its length before it.
fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend((part.len() as u64).to_le_bytes());
    bytes.extend(part);
}

/// Takes the next part off.
fn take<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], SealError> {
    let (length, after) = rest.split_first_chunk::<8>().ok_or(SealError::Tampered)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| SealError::Tampered)?;
    let (part, after) = after.split_at_checked(length).ok_or(SealError::Tampered)?;
    *rest = after;
    Ok(part)
}

#[cfg(test)]
mod tests {
    use super::super::key::LocalKey;
    use super::*;

    const FIRST: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const SECOND: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

    fn key(text: &str) -> Box<LocalKey> {
        Box::new(LocalKey::from_text(text, "a test").unwrap())
    }

    const HERE: Place<'_> = Place {
        tenant: "acme",
        credential: "c1",
        field: "secret",
        revision: 3,
    };

    #[test]
    fn an_envelope_opens_in_its_place_only() {
        let keyring = Keyring::new(key(FIRST), Vec::new()).unwrap();
        let sealed = seal(&keyring, &HERE, &SecretString::from("hush")).unwrap();
        let opened = open(&keyring, &HERE, &sealed).unwrap();
        assert_eq!(opened.expose_secret(), "hush");
        #[rustfmt::skip]
        let elsewhere = [
            Place { tenant: "acm", ..HERE },
            // The same letters, cut elsewhere.
            Place { tenant: "acmec", credential: "1", ..HERE },
            Place { credential: "c2", ..HERE },
            Place { field: "pending", ..HERE },
            Place { revision: 4, ..HERE },
        ];
        for place in elsewhere {
            let answer = open(&keyring, &place, &sealed);
            assert!(matches!(answer, Err(SealError::Tampered)), "{place:?}");
            let answer = rewrap(&keyring, &place, &sealed);
            assert!(matches!(answer, Err(SealError::Tampered)), "{place:?}");
        }
    }

    #[test]
    fn every_byte_counts() {
        let keyring = Keyring::new(key(FIRST), vec![key(SECOND)]).unwrap();
        let sealed = seal(&keyring, &HERE, &SecretString::from("hush")).unwrap();
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[at] ^= 1 << bit;
                assert!(open(&keyring, &HERE, &changed).is_err(), "byte {at}");
            }
            assert!(open(&keyring, &HERE, &sealed[..at]).is_err());
        }
    }

    #[test]
    fn a_key_that_is_replaced_is_needed_no_more() {
        let old = Keyring::new(key(FIRST), Vec::new()).unwrap();
        let both = Keyring::new(key(SECOND), vec![key(FIRST)]).unwrap();
        let new = Keyring::new(key(SECOND), Vec::new()).unwrap();
        let sealed = seal(&old, &HERE, &SecretString::from("hush")).unwrap();
        let answer = open(&new, &HERE, &sealed);
        assert!(matches!(answer, Err(SealError::KeyMissing { .. })));
        let again = rewrap(&both, &HERE, &sealed).unwrap();
        assert_eq!(open(&new, &HERE, &again).unwrap().expose_secret(), "hush");
        let answer = open(&old, &HERE, &again);
        assert!(matches!(answer, Err(SealError::KeyMissing { .. })));
    }
}
