//! The report of `generate`: what was made, why each line is there, and what is proven of it; for
//! people, and as versioned JSON for machines.

mod classes;
mod json;
mod text;

pub use json::proof_json;
pub use text::{access, proof_lines, summary};

use crate::generate::Generated;
use crate::profile::Profile;

/// Everything that a report of `generate` tells.
#[derive(Debug)]
pub struct Shown<'a> {
    /// What the vendor needs.
    pub profile: &'a Profile,
    /// What was made.
    pub generated: &'a Generated,
    /// The command that makes it again.
    pub command: &'a str,
    /// The commands that judge the written documents, one for each user and role; none where no
    /// documents are written.
    pub checks: &'a [String],
    /// The files that were, or would be, written.
    pub files: &'a [String],
}
