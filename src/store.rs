//! Saved state: versioned formats, and what is kept between runs.
//!
//! Internal types are not `Serialize`: each format has structs of its own here, so that a change of
//! the model is not a change of a file. Nothing here opens a file that a user named (`cli` does).

pub mod snapshot;
