//! What rolecall has to say about a text: data, never printed here.
//!
//! A finding says what is wrong, why it matters and what to do. Rendering is `report`'s.

use crate::source::Location;

/// Access Analyzer's finding types, most severe first (AWS: "Validate policies with IAM Access
/// Analyzer").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingType {
    /// AWS refuses the document, or a part of it does nothing.
    Error,
    /// More access than is wise.
    SecurityWarning,
    /// Works, but not as a reader would expect.
    Warning,
    /// Could be written better.
    Suggestion,
}

impl FindingType {
    /// Returns the word that reports print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::SecurityWarning => "security-warning",
            Self::Warning => "warning",
            Self::Suggestion => "suggestion",
        }
    }
}

/// A second place that a finding points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub location: Location,
    /// What is to be seen there; lower case, no final period.
    pub text: String,
}

/// One thing worth saying about a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The name of the rule, such as `duplicate-key`.
    pub rule: &'static str,
    /// How much it matters.
    pub finding_type: FindingType,
    /// What is wrong; lower-case start, no final period, user text in backticks.
    pub message: String,
    /// Where, with the words under the marked text (often empty).
    pub primary: Label,
    /// Other places that explain it.
    pub related: Vec<Label>,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub help: String,
}

impl Finding {
    /// Returns a finding without related places, reason and advice yet.
    #[must_use]
    pub fn new(
        rule: &'static str,
        finding_type: FindingType,
        location: Location,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            finding_type,
            message: message.into(),
            primary: Label {
                location,
                text: String::new(),
            },
            related: Vec::new(),
            why: String::new(),
            help: String::new(),
        }
    }

    /// Says what is to be seen at the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Points at a second place.
    #[must_use]
    pub fn related(mut self, location: Location, text: impl Into<String>) -> Self {
        self.related.push(Label {
            location,
            text: text.into(),
        });
        self
    }

    /// Says why it matters.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

/// Sorts findings by file, position and rule, the one order of every report.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        (a.primary.location, a.rule, &a.message).cmp(&(b.primary.location, b.rule, &b.message))
    });
}
