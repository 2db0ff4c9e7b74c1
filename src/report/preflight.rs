//! What a preflight found: by phase for people, and as versioned JSON for machines.

mod json;
mod text;

pub use json::json;
pub use text::text;

use crate::catalog::Info;
use crate::preflight::Report;
use crate::profile::Profile;
use crate::source::FileId;

/// Everything that a report of `preflight` tells.
#[derive(Debug)]
pub struct Shown<'a> {
    /// What the vendor needs.
    pub profile: &'a Profile,
    /// What was found.
    pub report: &'a Report,
    /// The catalog that names were looked up in.
    pub catalog: &'a Info,
    /// Whether a way out makes the run fail.
    pub isolation_required: bool,
    /// Where to point when a verdict has no place in any document.
    pub fallback: FileId,
}
