//! Lints one text: reads it, looks at every document in it, sorts what was found.

use super::expand::Memo;
use super::lists::Lists;
use super::meta::{Check, Rule};
use super::run;
use super::select::Selected;
use super::subject::Subject;
use crate::finding::{self, Finding};
use crate::policy::{Kind, kind_of, lower};
use crate::read;
use crate::source::{FileId, Sources, Span};

/// How to lint.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The rules.
    pub selected: &'a Selected,
    /// What the team says of itself.
    pub lists: &'a Lists,
    /// The kind of the documents, where it was told.
    pub kind: Option<Kind>,
}

/// A document that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LintedDocument {
    /// Where it stands.
    pub span: Span,
    /// Its kind.
    pub kind: Kind,
    /// Whether the kind was told, or is plain from the text around it.
    pub kind_is_certain: bool,
    /// The ARN that the text around it says.
    pub arn: Option<String>,
}

/// What there is to say of a text.
#[derive(Debug, Default)]
pub struct LintedText {
    /// The documents in it.
    pub documents: Vec<LintedDocument>,
    /// Everything the rules say, sorted.
    pub findings: Vec<Finding>,
    /// What could not be read, sorted: the text was not looked at there.
    pub unread: Vec<Finding>,
    /// Rules that failed on it, which are errors of this program.
    pub failed: Vec<&'static str>,
}

/// Looks at every document of a text that is a source.
#[must_use]
pub fn lint_text(sources: &Sources, file: FileId, job: Job<'_>, memo: &Memo) -> LintedText {
    let text = &*sources.get(file).text;
    let mut linted = LintedText::default();
    let reading = read::read_text(sources, file, &mut |found| {
        let hint = found.facts.kind.and_then(|it| Kind::parse(it.as_str()));
        let told = job.kind.or(hint);
        let kind = told.unwrap_or_else(|| kind_of(found.value));
        let mut document = lower(found.value, kind);
        document.file = Some(file);
        let mut subject = Subject::new(file, text, &document, job.lists, memo);
        subject.number = linted.documents.len();
        subject.json = found.is_plain.then_some(found.value);
        subject.kind_is_certain = told.is_some();
        subject.arn = found.facts.arn.as_deref();
        let outcome = run(&subject, job.selected);
        linted.findings.extend(outcome.findings);
        linted.failed.extend(outcome.failed);
        linted.documents.push(LintedDocument {
            span: document.span,
            kind,
            kind_is_certain: told.is_some(),
            arn: found.facts.arn.clone(),
        });
    });
    for found in reading.findings {
        linted
            .findings
            .extend(of_reading(found, text, job.selected));
    }
    linted.unread = reading.unread;
    finding::sort(&mut linted.findings);
    finding::sort(&mut linted.unread);
    linted
}

/// Returns what reading found as its rule says it; `None` if the rule is off. What no rule stands
/// for is always said.
fn of_reading(mut found: Finding, text: &str, selected: &Selected) -> Option<Finding> {
    if super::find(found.rule).is_none() {
        return Some(found);
    }
    let is_own = |rule: &&(&'static Rule, _)| rule.0.meta.name == found.rule;
    let (rule, finding_type) = selected.rules.iter().find(is_own)?;
    if *finding_type != rule.meta.finding_type {
        found.finding_type = *finding_type;
    }
    if let Check::Text(check) = rule.check {
        check(text, &mut found);
    }
    Some(found)
}
