//! The report of `fix --for`: file by file what changes and for which requirement, and what is
//! proven of it, for people and as versioned JSON for machines.

mod json;
mod text;

pub use json::json;
pub use text::text;

use crate::check::Verdict;
use crate::finding::Finding;
use crate::mend::{Claim, Mended};
use crate::profile::Profile;
use crate::source::Sources;

/// Everything that the report tells.
#[derive(Debug)]
pub struct Mending<'a> {
    /// What the vendor needs.
    pub profile: &'a Profile,
    /// What was done.
    pub mended: &'a Mended,
    /// The texts as they were read.
    pub sources: &'a Sources,
    /// How many requirements there are, and how many of them are required.
    pub requirements: (usize, usize),
    /// What is wrong with the documents.
    pub findings: &'a [Finding],
    /// What could not be read.
    pub unread: &'a [Finding],
    /// What happened to the files.
    pub outcome: Outcome,
}

/// What happened to the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing has to change.
    Unchanged,
    /// They were written.
    Written,
    /// They were only asked for.
    Shown,
    /// Something is not proven.
    Unproven,
    /// What is needed does not fit into the files that were given.
    NeedsNewFiles,
}

impl Outcome {
    /// Returns the word of machine-readable output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Written => "written",
            Self::Shown => "shown",
            Self::Unproven => "unproven",
            Self::NeedsNewFiles => "needs-new-files",
        }
    }
}

/// Returns whether something is known to be missing: a requirement, room, or a proof.
#[must_use]
pub fn fails(mending: &Mending<'_>) -> bool {
    let mended = mending.mended;
    let unmet = |it: &crate::mend::Open| it.judged.verdict != Verdict::Unknown;
    let claims = mended.proof.claims();
    mended.open.iter().any(unmet)
        || !mended.obstacles.is_empty()
        || mending.outcome == Outcome::NeedsNewFiles
        || claims.iter().any(|(_, it)| matches!(it, Claim::Refuted(_)))
}

/// Returns whether something could not be decided.
#[must_use]
pub fn is_incomplete(mending: &Mending<'_>) -> bool {
    let mended = mending.mended;
    let claims = mended.proof.claims();
    !mended.open.is_empty()
        || !mending.unread.is_empty()
        || claims.iter().any(|(_, it)| matches!(it, Claim::Open(_)))
}
