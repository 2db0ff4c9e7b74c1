//! The hash that names a catalog in reports: the same text always gives the same twelve digits.
//!
//! It tells two catalogs apart and shows a damaged file; it is no defence against someone who
//! wants a collision. Shared with the build script, so it uses nothing but `core`.

/// Returns 64 bits of a text: FNV-1a over little-endian words of eight bytes, the last one filled
/// with zeros, then over the length. Words instead of bytes, so that a cached catalog of two
/// megabytes is checked well below a millisecond.
#[must_use]
pub(crate) fn hash_bytes(bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |word: [u8; 8]| {
        // The plain product never carries downwards, so the high half is folded in.
        hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(PRIME);
        hash ^= hash >> 32;
    };
    let (words, rest) = bytes.as_chunks::<8>();
    words.iter().copied().for_each(&mut add);
    if !rest.is_empty() {
        let mut word = [0_u8; 8];
        word[..rest.len()].copy_from_slice(rest);
        add(word);
    }
    (hash ^ bytes.len() as u64).wrapping_mul(PRIME)
}

/// Returns the twelve hex digits that reports print.
#[must_use]
pub(crate) fn hash_digits(bytes: &[u8]) -> String {
    format!("{:012x}", hash_bytes(bytes) >> 16)
}
