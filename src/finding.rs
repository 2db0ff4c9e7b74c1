//! What rolecall has to say about a text: data, never printed here.
//!
//! A finding says what is wrong, why it matters and what to do. Rendering is `report`'s.

use crate::source::{Location, Span};

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
    /// Every type, most severe first.
    pub const ALL: [Self; 4] = [
        Self::Error,
        Self::SecurityWarning,
        Self::Warning,
        Self::Suggestion,
    ];

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

/// A piece of text to put in place of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// What is replaced, in the file of the finding; empty: the text is inserted here.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// What a fix does to what the document allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FixClass {
    /// Nothing: exactly the same requests are allowed and denied.
    Equivalent,
    /// It allows less.
    Narrowing,
    /// It could allow more, as putting a misspelt action right does: shown, never written.
    Suggested,
}

impl FixClass {
    /// Returns the word of front matter and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equivalent => "equivalent",
            Self::Narrowing => "narrowing",
            Self::Suggested => "suggested",
        }
    }
}

/// A change of the text that ends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an order: ``write `s3:GetObject` ``.
    pub title: String,
    /// The most that the rule thinks of it. What it is here is for `fix::verify` to prove.
    pub class: FixClass,
    /// The edits, all of them in the file of the finding, in text order and apart from each other.
    pub edits: Vec<Edit>,
}

/// The document and statement that a finding is about, by what stays the same when lines move.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The document's number in its file, from 0.
    pub document: usize,
    /// The statement's number in the document, from 0; `None`: the document as a whole.
    pub statement: Option<usize>,
    /// The statement's `Sid`.
    pub sid: Option<Box<str>>,
    /// Sixteen hex digits that name the statement's content (its text without white space).
    pub hash: Option<Box<str>>,
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
    /// A change that does it.
    pub fix: Option<Fix>,
    /// What it is about, where a rule of `rule` says it.
    pub subject: Option<Subject>,
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
            fix: None,
            subject: None,
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
