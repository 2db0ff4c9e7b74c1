//! What is wrong with a document's form, each with the rule of AWS's grammar behind it.

use crate::finding::{Finding, FindingType};
use crate::source::{FileId, Location, Span};

/// One thing that AWS refuses in a document, or reads otherwise than it looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The id of the evaluation rule, such as `G3`.
    pub rule: &'static str,
    /// The name of the finding, such as `duplicate-key`.
    pub name: &'static str,
    /// How much it matters.
    pub finding_type: FindingType,
    /// Where it is.
    pub span: Span,
    /// A second place that explains it.
    pub related: Option<(Span, String)>,
    /// What is wrong.
    pub message: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub help: String,
    /// Whether nothing of the document can be evaluated.
    pub fatal: bool,
}

impl Problem {
    /// Returns a problem of type error that lets the rest of the document be evaluated.
    #[must_use]
    pub fn new(
        rule: &'static str,
        name: &'static str,
        span: Span,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            name,
            finding_type: FindingType::Error,
            span,
            related: None,
            message: message.into(),
            why: "",
            help: String::new(),
            fatal: false,
        }
    }

    /// Makes it one for which nothing of the document is evaluated.
    #[must_use]
    pub const fn fatal(mut self) -> Self {
        self.fatal = true;
        self
    }

    /// Makes it a warning.
    #[must_use]
    pub const fn warning(mut self) -> Self {
        self.finding_type = FindingType::Warning;
        self
    }

    /// Makes it a suggestion.
    #[must_use]
    pub const fn suggestion(mut self) -> Self {
        self.finding_type = FindingType::Suggestion;
        self
    }

    /// Points at a second place.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related = Some((span, text.into()));
        self
    }

    /// Says why it matters.
    #[must_use]
    pub const fn why(mut self, why: &'static str) -> Self {
        self.why = why;
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Returns it as a finding in this text.
    #[must_use]
    pub fn finding(&self, file: FileId) -> Finding {
        let at = |span| Location { file, span };
        let mut finding = Finding::new(
            self.name,
            self.finding_type,
            at(self.span),
            self.message.clone(),
        )
        .why(self.why)
        .help(self.help.clone());
        if let Some((span, text)) = &self.related {
            finding = finding.related(at(*span), text.clone());
        }
        finding
    }
}
