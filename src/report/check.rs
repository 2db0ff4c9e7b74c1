//! The report of `check`: by phase for people, and as versioned JSON for machines.

mod json;
mod text;

pub(crate) use json::fix as fix_json;
pub use json::json;
pub use text::text;

use crate::catalog::Info;
use crate::check::Report;
use crate::finding::Finding;
use crate::isolation;
use crate::profile::Profile;
use crate::source::{FileId, Sources};

/// Everything that a report of `check` tells.
#[derive(Debug)]
pub struct Checked<'a> {
    /// What the vendor needs.
    pub profile: &'a Profile,
    /// The verdicts.
    pub report: &'a Report,
    /// Ways beyond the access; none where nobody looked.
    pub isolation: Option<&'a isolation::Report>,
    /// Whether the run fails over them.
    pub isolation_required: bool,
    /// The principal that was judged, in words and as ARN.
    pub principal: (String, String),
    /// The texts.
    pub sources: &'a Sources,
    /// The documents that took part: the name of the file and what it was taken for.
    pub documents: &'a [(String, &'static str)],
    /// What is wrong with the documents.
    pub findings: &'a [Finding],
    /// What could not be read.
    pub unread: &'a [Finding],
    /// Facts about how the documents were taken.
    pub assumptions: &'a [String],
    /// The catalog that names were looked up in.
    pub catalog: &'a Info,
    /// Whether AWS refuses a document as it is written, for more than its layout.
    pub refused_as_written: bool,
    /// Where to point when a verdict has no place in any document.
    pub fallback: FileId,
}
