//! Fixes: edits of texts, each proven by the exact analysis before it is made.
//!
//! A rule says what it would change; what that change does is settled here, for the document at
//! hand: a fix that could widen what a document allows is shown and never made. Nothing here
//! writes a file: texts go in, texts come out.

mod apply;
mod verify;

pub use apply::{Applied, Fixed, Withheld, fix_text};
pub use verify::{Verdict, verify};
