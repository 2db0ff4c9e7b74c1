//! The report of `isolation`: the verdict and the ways out for people, and as versioned JSON for
//! machines.

mod json;
mod text;

pub use json::{block, finding, json};
pub use text::{text, ways_out};

use crate::catalog::Info;
use crate::finding::Finding;
use crate::isolation::Report;
use crate::source::Sources;

/// Everything that a report of `isolation` tells.
#[derive(Debug)]
pub struct Shown<'a> {
    /// What was found.
    pub report: &'a Report,
    /// The texts.
    pub sources: &'a Sources,
    /// What is wrong with the documents.
    pub findings: &'a [Finding],
    /// What could not be read.
    pub unread: &'a [Finding],
    /// Facts about how the documents were taken.
    pub assumptions: &'a [String],
    /// The catalog that names were looked up in.
    pub catalog: &'a Info,
}
