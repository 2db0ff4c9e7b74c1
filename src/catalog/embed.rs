//! The catalog inside the binary: compressed by `build/catalog.rs`, a service at a time.
//!
//! Nothing is inflated before it is asked for.

static BLOB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalog.bin"));

/// A compressed text: a range of the blob.
struct Packed {
    name: &'static str,
    start: usize,
    end: usize,
}

include!(concat!(env!("OUT_DIR"), "/catalog_index.rs"));

impl Packed {
    fn inflate(&self) -> String {
        // INVARIANT: the build script compressed this range from a `String`; a test inflates all.
        let bytes = miniz_oxide::inflate::decompress_to_vec(&BLOB[self.start..self.end]);
        bytes
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .unwrap_or_default()
    }
}

/// Returns the hash of the whole text.
pub(super) const fn hash() -> &'static str {
    HASH
}

/// Returns how many bytes of the binary the catalog takes.
pub(super) const fn size() -> usize {
    BLOB.len()
}

/// Returns the text of the head.
pub(super) fn head() -> String {
    HEAD.inflate()
}

/// Returns the prefixes of the services, sorted.
pub(super) fn prefixes() -> impl ExactSizeIterator<Item = &'static str> {
    SERVICES.iter().map(|packed| packed.name)
}

/// Returns the text of the service at a position in [`prefixes`].
pub(super) fn service(at: usize) -> String {
    SERVICES.get(at).map(Packed::inflate).unwrap_or_default()
}
