//! Explained refusals for people and for programs: `rolecall/why/v1`.
//!
//! What is said is decided before: here it is only put into words.

mod json;
mod text;

pub use json::json;
pub use text::text;

use crate::catalog::Info;
use crate::evaluate::{Decision, Layer};
use crate::evidence::{Explanation, Refusal};
use crate::finding::Finding;
use crate::source::Sources;

/// Everything that a report is made of.
pub struct Explained<'a> {
    /// The refusals.
    pub refusals: Vec<One<'a>>,
    /// The texts of the policies given.
    pub sources: &'a Sources,
    /// What could not be read of them.
    pub unread: &'a [Finding],
    /// What was taken for granted.
    pub assumptions: &'a [String],
    /// The catalog.
    pub catalog: &'a Info,
}

/// One refusal.
pub struct One<'a> {
    /// What the text says.
    pub refusal: &'a Refusal,
    /// What follows from it.
    pub explanation: Explanation,
    /// What the policies given say, if some are.
    pub decided: Option<ByPolicies>,
    /// Whether its layer is known and nothing contradicts it.
    pub is_explained: bool,
}

/// What the policies given say of a call.
pub struct ByPolicies {
    /// The decision; none where the message does not tell enough of the call.
    pub decision: Option<Decision>,
    /// The layers among those given that refuse.
    pub layers: Vec<Layer>,
    /// The statements that decided, then those that nearly allowed.
    pub statements: Vec<StatementAt>,
    /// What follows, in words.
    pub notes: Vec<String>,
}

/// A statement and where it stands.
pub struct StatementAt {
    /// The layer of its document.
    pub layer: Layer,
    /// How to name it.
    pub name: String,
    /// The name of its file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What it does: `denies it`, or why it does not allow.
    pub says: String,
    /// Whether it decided.
    pub decided: bool,
    /// The element by which it does not apply.
    pub failed: Option<&'static str>,
}
