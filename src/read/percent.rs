//! Documents as the IAM API returns them: percent-encoded (RFC 3986).

use crate::json::Offsets;

/// Returns whether a text starts with a percent-encoded byte, which no JSON text does.
pub(super) fn is_encoded(text: &str) -> bool {
    decoded_byte(text.as_bytes()).is_some()
}

/// Decodes a text and notes where each byte came from.
///
/// A `+` stays a plus: the API encodes as RFC 3986 does, where it means itself (IAM API Reference,
/// `GetPolicyVersion`). A `%` that encodes nothing stays too.
pub(super) fn decode(text: &str) -> (Vec<u8>, Offsets) {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut offsets = Offsets::starting_at(0);
    let mut at = 0;
    while at < bytes.len() {
        if let Some(byte) = decoded_byte(&bytes[at..]) {
            decoded.push(byte);
            offsets.push_each(1, 3);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            offsets.push_each(1, 1);
            at += 1;
        }
    }
    (decoded, offsets)
}

fn decoded_byte(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = bytes else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}
