//! Saved state in versioned formats: what outlives a run.
//!
//! The types of the core are not serialised: each format has types of its own here, so that a change
//! inside changes no file. Nothing here opens a file.

pub mod snapshot;
