//! Runs rules on a document.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::context::RuleContext;
use super::meta::{Check, Rule};
use super::select::Selected;
use super::subject::Subject;
use crate::finding::{self, Finding, FindingType};
use crate::source::Span;

/// What rules say of a document.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Their findings, sorted.
    pub findings: Vec<Finding>,
    /// Rules that failed, which are errors of this program: what they would have said is missing.
    pub failed: Vec<&'static str>,
}

/// Runs the selected rules.
#[must_use]
pub fn run<'a>(subject: &'a Subject<'a>, selected: &Selected) -> Outcome {
    let mut outcome = Outcome::default();
    for (rule, finding_type) in &selected.rules {
        if rule.meta.kinds.contains(&subject.document.kind) {
            match check(subject, rule, *finding_type) {
                Some(findings) => outcome.findings.extend(findings),
                None => outcome.failed.push(rule.meta.name),
            }
        }
    }
    for finding in &mut outcome.findings {
        finding.subject = Some(subject_of(subject, finding));
    }
    silence(&mut outcome.findings, selected);
    finding::sort(&mut outcome.findings);
    outcome.findings.dedup();
    outcome
}

/// Runs one rule with its own type, whatever the persona.
#[must_use]
pub fn run_one<'a>(subject: &'a Subject<'a>, rule: &'static Rule) -> Outcome {
    let selected = Selected {
        rules: vec![(rule, rule.meta.finding_type)],
    };
    run(subject, &selected)
}

/// Returns the findings of a rule; `None` if it panicked.
fn check<'a>(
    subject: &'a Subject<'a>,
    rule: &'static Rule,
    finding_type: FindingType,
) -> Option<Vec<Finding>> {
    let mut context = RuleContext::new(subject, &rule.meta, finding_type);
    let document: &'a crate::policy::Document = subject.document;
    // A rule has no state but its context, which is dropped when it panics.
    let ended = catch_unwind(AssertUnwindSafe(|| match rule.check {
        Check::Document(check) => check(&mut context),
        Check::Statement(check) => {
            for (index, statement) in document.statements.iter().enumerate() {
                context.look_at(index);
                check(&mut context, statement);
            }
        }
        Check::Text(_) => {}
    }));
    ended.ok().map(|()| context.into_findings())
}

/// Leaves out what another rule already says of the same statement or text.
fn silence(findings: &mut Vec<Finding>, selected: &Selected) {
    let mut spoken: Vec<(&'static str, Option<usize>)> = Vec::new();
    let mut taken: Vec<(&'static str, Span)> = Vec::new();
    for (rule, _) in &selected.rules {
        if rule.meta.instead_of.is_empty() && rule.meta.outranks.is_empty() {
            continue;
        }
        for finding in findings.iter().filter(|it| it.rule == rule.meta.name) {
            let span = finding.primary.location.span;
            let outranked = rule.meta.outranks.iter();
            taken.extend(outranked.map(|name| (*name, span)));
            let statement = finding.subject.as_ref().and_then(|it| it.statement);
            let silenced = rule.meta.instead_of.iter();
            spoken.extend(silenced.map(|name| (*name, statement)));
        }
    }
    if spoken.is_empty() && taken.is_empty() {
        return;
    }
    findings.retain(|finding| {
        let own = finding.subject.as_ref().and_then(|it| it.statement);
        let place = finding.primary.location.span;
        let is_spoken = spoken.iter().any(|(rule, statement)| {
            *rule == finding.rule && (statement.is_none() || *statement == own)
        });
        let is_taken = taken.iter().any(|(rule, span)| {
            *rule == finding.rule && span.start < place.end && place.start < span.end
        });
        !is_spoken && !is_taken
    });
}

fn subject_of(subject: &Subject<'_>, finding: &Finding) -> finding::Subject {
    let at = subject.statement_at(finding.primary.location.span);
    finding::Subject {
        document: subject.number,
        statement: at.map(|(index, _)| index),
        sid: at.and_then(|(_, it)| it.sid.as_ref().map(|sid| sid.text.clone())),
        hash: at.map(|(_, it)| hash(subject.text.get(it.span.range()).unwrap_or_default())),
    }
}

/// Names a text by its content without white space, so that formatting does not matter.
fn hash(text: &str) -> Box<str> {
    let bytes: Vec<u8> = text
        .bytes()
        .filter(|it| !it.is_ascii_whitespace())
        .collect();
    format!("{:016x}", crate::catalog::hash_bytes(&bytes)).into()
}
