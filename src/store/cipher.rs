//! The one cipher of the store: XChaCha20-Poly1305 with random nonces.
//!
//! 192 bits of nonce are wide enough to be drawn at random, so there is no counter that a restored
//! backup could set back.

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

/// The bytes of a key.
pub(super) const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

/// What was to be decrypted is not what was encrypted, or not by this key, or not for this place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused;

/// The system gives no random bytes.
#[derive(Debug)]
pub(super) struct NoRandomness;

/// Fills an array with random bytes of the system.
pub(super) fn fill_random(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    getrandom::fill(bytes).map_err(|_| NoRandomness)
}

/// Returns a random name of 128 bits that nobody can guess, in hexadecimal digits.
pub(super) fn random_name() -> Result<String, NoRandomness> {
    let mut bytes = [0; 16];
    fill_random(&mut bytes)?;
    Ok(hexadecimal(&bytes))
}

/// Returns bytes as hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

/// Encrypts and authenticates a text, and authenticates the bound bytes with it. The nonce comes
/// first in what is returned.
pub(super) fn encrypt(
    key: &[u8; KEY_BYTES],
    bound: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, NoRandomness> {
    let mut nonce = [0; NONCE_BYTES];
    fill_random(&mut nonce)?;
    let mut sealed = nonce.to_vec();
    sealed.extend(encrypt_with(key, &nonce, bound, plain)?);
    Ok(sealed)
}

fn encrypt_with(
    key: &[u8; KEY_BYTES],
    nonce: &[u8; NONCE_BYTES],
    bound: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, NoRandomness> {
    // With room for the tag from the start the plain text is never moved, which would leave a copy.
    let mut buffer = Zeroizing::new(Vec::with_capacity(plain.len() + TAG_BYTES));
    buffer.extend_from_slice(plain);
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    // The cipher refuses only texts of more than 256 GiB.
    cipher
        .encrypt_in_place(&XNonce::from(*nonce), bound, &mut *buffer)
        .map_err(|_| NoRandomness)?;
    Ok(std::mem::take(&mut *buffer))
}

/// Returns the text that [`encrypt`] made unreadable, if nothing was changed.
pub(super) fn decrypt(
    key: &[u8; KEY_BYTES],
    bound: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let (nonce, text) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(Refused)?;
    let mut buffer = Zeroizing::new(text.to_vec());
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    cipher
        .decrypt_in_place(&XNonce::from(*nonce), bound, &mut *buffer)
        .map_err(|_| Refused)?;
    Ok(buffer)
}

/// Returns a name of a key that tells nothing about it: the tag of an empty text under a nonce that
/// is used for nothing else.
pub(super) fn name_of(key: &[u8; KEY_BYTES]) -> Result<String, NoRandomness> {
    let tag = encrypt_with(key, &[0; NONCE_BYTES], b"rolecall name of a key", b"")?;
    Ok(hexadecimal(&tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_is_refused() {
        let key = [7; KEY_BYTES];
        let sealed = encrypt(&key, b"place", b"text").unwrap();
        assert_eq!(*decrypt(&key, b"place", &sealed).unwrap(), b"text");
        assert_eq!(decrypt(&key, b"elsewhere", &sealed), Err(Refused));
        assert_eq!(decrypt(&[8; KEY_BYTES], b"place", &sealed), Err(Refused));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(decrypt(&key, b"place", &changed), Err(Refused), "byte {at}");
            assert_eq!(decrypt(&key, b"place", &sealed[..at]), Err(Refused));
        }
    }

    #[test]
    fn no_two_envelopes_are_alike() {
        let key = [7; KEY_BYTES];
        let (first, second) = (encrypt(&key, b"", b"text"), encrypt(&key, b"", b"text"));
        assert_ne!(first.unwrap(), second.unwrap());
        assert_ne!(name_of(&key).unwrap(), name_of(&[8; KEY_BYTES]).unwrap());
    }
}
