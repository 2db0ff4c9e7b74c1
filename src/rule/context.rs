//! What a rule asks, and how it reports.

use std::ops::Deref;

use super::meta::Meta;
use super::subject::Subject;
use crate::finding::{Edit, Finding, FindingType, Fix, FixClass};
use crate::policy::Problem;
use crate::source::{Location, Span};

/// One rule at work on one document. It derefs to the [`Subject`], which answers questions.
#[derive(Debug)]
pub struct RuleContext<'a> {
    subject: &'a Subject<'a>,
    meta: &'static Meta,
    finding_type: FindingType,
    /// The statement that a rule of scope statement looks at.
    index: usize,
    findings: Vec<Finding>,
}

impl<'a> Deref for RuleContext<'a> {
    type Target = Subject<'a>;

    fn deref(&self) -> &Subject<'a> {
        self.subject
    }
}

impl<'a> RuleContext<'a> {
    pub(super) const fn new(
        subject: &'a Subject<'a>,
        meta: &'static Meta,
        finding_type: FindingType,
    ) -> Self {
        Self {
            subject,
            meta,
            finding_type,
            index: 0,
            findings: Vec::new(),
        }
    }

    pub(super) const fn look_at(&mut self, index: usize) {
        self.index = index;
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// Returns the document with its answers, for as long as the rules run.
    #[must_use]
    pub const fn subject(&self) -> &'a Subject<'a> {
        self.subject
    }

    /// Returns what the rule says of itself.
    #[must_use]
    pub const fn meta(&self) -> &'static Meta {
        self.meta
    }

    /// Returns the number of the statement that the rule looks at, from 0.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Reports something at a place; what is returned takes the rest.
    pub fn report(&mut self, span: Span, message: impl Into<String>) -> Report<'_> {
        let location = Location {
            file: self.subject.file,
            span,
        };
        let finding = Finding::new(self.meta.name, self.finding_type, location, message);
        self.findings.push(finding);
        let at = self.findings.len() - 1;
        Report {
            finding: &mut self.findings[at],
            fixes: self.meta.fix,
        }
    }

    /// Reports a problem that the reading of documents found.
    pub fn report_problem(&mut self, problem: &Problem) -> Report<'_> {
        let mut report = self.report(problem.span, problem.message.clone());
        report.why(problem.why).help(problem.help.clone());
        if let Some((span, text)) = &problem.related {
            report.related(*span, text.clone());
        }
        report
    }

    /// Reports every problem of this name.
    pub fn report_problems(&mut self, name: &str) {
        let subject = self.subject;
        for problem in subject.problems().iter().filter(|it| it.name == name) {
            self.report_problem(problem);
        }
    }
}

/// A finding that is being said.
#[derive(Debug)]
pub struct Report<'r> {
    finding: &'r mut Finding,
    fixes: Option<FixClass>,
}

impl Report<'_> {
    /// Says what is to be seen at the place.
    pub fn label(&mut self, text: impl Into<String>) -> &mut Self {
        self.finding.primary.text = text.into();
        self
    }

    /// Points at a second place in the same text.
    pub fn related(&mut self, span: Span, text: impl Into<String>) -> &mut Self {
        let location = Location {
            file: self.finding.primary.location.file,
            span,
        };
        self.finding.related.push(crate::finding::Label {
            location,
            text: text.into(),
        });
        self
    }

    /// Says why it matters.
    pub fn why(&mut self, why: impl Into<String>) -> &mut Self {
        self.finding.why = why.into();
        self
    }

    /// Says what to do.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.finding.help = help.into();
        self
    }

    /// Adds the change that does it. A rule whose front matter has no fix has none.
    pub fn fix(
        &mut self,
        title: impl Into<String>,
        edits: impl IntoIterator<Item = Edit>,
    ) -> &mut Self {
        let Some(class) = self.fixes else {
            return self;
        };
        let mut edits: Vec<Edit> = edits.into_iter().collect();
        if !edits.is_empty() {
            edits.sort();
            self.finding.fix = Some(Fix {
                title: title.into(),
                class,
                edits,
            });
        }
        self
    }
}
