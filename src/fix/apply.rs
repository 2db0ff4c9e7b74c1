//! Applies fixes to a text until nothing changes.

use super::verify::{Verdict, verify};
use crate::analyze::Analysis;
use crate::finding::{Edit, Finding, Fix, FixClass};
use crate::json::edit;
use crate::policy::{Document, grammar, kind_of, lower};
use crate::read;
use crate::rule::{Job, Memo, lint_text};
use crate::source::Sources;

/// A fix that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The rule.
    pub rule: &'static str,
    /// What was done.
    pub title: String,
    /// What it did to what the documents allow, as proven.
    pub class: FixClass,
}

/// A fix that was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// The rule.
    pub rule: &'static str,
    /// What it would do.
    pub title: String,
    /// Why not; lower case, no final period.
    pub reason: String,
}

/// A text with its fixes made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixed {
    /// The text.
    pub text: String,
    /// What was done, in order.
    pub applied: Vec<Applied>,
    /// What could have been done.
    pub withheld: Vec<Withheld>,
}

/// Fixes make room for others, such as merging one statement after another: so many rounds at most.
const ROUNDS: usize = 400;

/// Makes the fixes of a text that do no more than `most`, each proven, until there are no more.
#[must_use]
pub fn fix_text(name: &str, text: &str, job: Job<'_>, memo: &Memo, most: FixClass) -> Fixed {
    let mut fixed = Fixed {
        text: text.to_owned(),
        ..Fixed::default()
    };
    for _ in 0..ROUNDS {
        let mut sources = Sources::new();
        let file = sources.add(name, fixed.text.as_str());
        let linted = lint_text(&sources, file, job, memo);
        let before = documents(&fixed.text, job);
        fixed.withheld.clear();
        let round = round(&fixed.text, &linted.findings, &before, job, memo, most);
        fixed.withheld = round.withheld;
        if round.edits.is_empty() {
            break;
        }
        let (after, _) = edit::apply(&fixed.text, &round.edits);
        if after == fixed.text {
            break;
        }
        fixed.text = after;
        fixed.applied.extend(round.applied);
    }
    if fixed.text != text {
        let original = documents(text, job);
        let whole = class_of(&original, &fixed.text, job, memo);
        if whole.is_err() || whole.is_ok_and(|(class, _)| class > most) {
            return refused(text, fixed);
        }
    }
    fixed
}

/// Takes every fix back: each was proven, and of all together it could not be shown.
fn refused(text: &str, fixed: Fixed) -> Fixed {
    let withheld = fixed.applied.into_iter().map(|it| Withheld {
        rule: it.rule,
        title: it.title,
        reason: "what it does together with the others could not be proven".into(),
    });
    Fixed {
        text: text.to_owned(),
        applied: Vec::new(),
        withheld: fixed.withheld.into_iter().chain(withheld).collect(),
    }
}

#[derive(Default)]
struct Round {
    edits: Vec<Edit>,
    applied: Vec<Applied>,
    withheld: Vec<Withheld>,
}

fn round(
    text: &str,
    findings: &[Finding],
    before: &[Document],
    job: Job<'_>,
    memo: &Memo,
    most: FixClass,
) -> Round {
    let mut round = Round::default();
    let mut accepted = before.to_vec();
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        let withheld = |reason: String| Withheld {
            rule: finding.rule,
            title: fix.title.clone(),
            reason,
        };
        // The next round makes what stands in the way now.
        if touches(&round.edits, fix) {
            continue;
        }
        let mut edits = round.edits.clone();
        edits.extend(fix.edits.iter().cloned());
        let (after, applied) = edit::apply(text, &edits);
        if applied < distinct(&edits) || after == text {
            continue;
        }
        // Each is held against the text with those taken before it, and is to blame for itself
        // alone; that all of them together do no more is not taken for granted.
        let whole = || class_of(before, &after, job, memo).is_ok_and(|(class, _)| class <= most);
        match class_of(&accepted, &after, job, memo) {
            Ok((class, documents)) if class <= most && (round.edits.is_empty() || whole()) => {
                accepted = documents;
                round.edits = edits;
                round.applied.push(Applied {
                    rule: finding.rule,
                    title: fix.title.clone(),
                    class,
                });
            }
            Ok((class, _)) => {
                let reason = match class {
                    FixClass::Suggested => "it could allow more than before",
                    _ => "it allows less than before",
                };
                round.withheld.push(withheld(reason.into()));
            }
            Err(reason) => round.withheld.push(withheld(reason)),
        }
    }
    round
}

/// Returns whether an edit of the fix meets one that was taken already.
fn touches(taken: &[Edit], fix: &Fix) -> bool {
    taken.iter().any(|own| {
        let mut edits = fix.edits.iter();
        edits.any(|it| it.span.start <= own.span.end && own.span.start <= it.span.end)
    })
}

fn distinct(edits: &[Edit]) -> usize {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort();
    sorted.dedup();
    sorted.len()
}

/// Returns what a change of a text does to its documents, the most of any of them, and the documents
/// afterwards.
fn class_of(
    before: &[Document],
    after: &str,
    job: Job<'_>,
    memo: &Memo,
) -> Result<(FixClass, Vec<Document>), String> {
    let after = documents(after, job);
    if after.len() != before.len() {
        return Err("the changed text could not be read again".into());
    }
    let analysis = Analysis::new(memo.catalog());
    let mut most = FixClass::Equivalent;
    for (old, new) in before.iter().zip(&after) {
        match verify(&analysis, old, new) {
            Verdict::Class(class) => most = most.max(class),
            Verdict::Unknown(doubt) => {
                return Err(format!(
                    "what it does could not be proven: {}",
                    doubt.detail
                ));
            }
        }
    }
    Ok((most, after))
}

/// Returns the documents of a text, with everything that AWS would refuse in them as a problem.
fn documents(text: &str, job: Job<'_>) -> Vec<Document> {
    let mut sources = Sources::new();
    let file = sources.add("", text);
    let mut documents = Vec::new();
    let reading = read::read_text(&sources, file, &mut |found| {
        let hint = found
            .facts
            .kind
            .and_then(|it| crate::policy::Kind::parse(it.as_str()));
        let kind = job.kind.or(hint).unwrap_or_else(|| kind_of(found.value));
        let mut document = lower(found.value, kind);
        let own = text.get(document.span.range()).unwrap_or_default();
        document.problems.extend(grammar::check(&document, own));
        // AWS refuses the whole document over an error, even where the rest could be decided.
        for problem in &mut document.problems {
            problem.fatal |= problem.finding_type == crate::finding::FindingType::Error;
        }
        documents.push(document);
    });
    // Comments and the like: AWS refuses the text as it is.
    let refused = reading
        .findings
        .iter()
        .find(|it| it.finding_type == crate::finding::FindingType::Error);
    if let Some(finding) = refused {
        for document in &mut documents {
            let span = finding.primary.location.span;
            let problem = crate::policy::Problem::new("G1", "text", span, finding.message.clone());
            document.problems.push(problem.fatal());
        }
    }
    documents
}
