//! A bootstrap plan for the administrator who is to apply it: every object with its document and
//! reasons, what it costs in trust, and whether it may be made; and what has become of it later.

mod drift;
mod text;
mod trust;

pub use drift::{ShownDrift, drift_json, drift_text};
pub use text::text;

use crate::plan::Plan;

/// What a report of a plan tells.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The file in which it is, if it is in one.
    pub file: Option<&'a str>,
    /// Whether to show the documents.
    pub documents: bool,
}
