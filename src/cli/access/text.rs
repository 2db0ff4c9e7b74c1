//! The answer for people: one line for each family, with an example of what is granted and of what
//! is not.

use std::fmt::Write as _;

use super::example::Example;
use super::{Answer, Judged, Verdict};
use crate::cli::catalog::catalog_line;
use crate::cli::words;
use crate::finding::{Finding, FindingType};
use crate::report::text::{Options, findings, visible};
use crate::source::Location;

/// Colours are sent; `anstream` takes them out where they do not belong.
const OPTIONS: Options = Options {
    color: true,
    width: None,
};

/// Returns the answer as text.
pub(super) fn answer(answer: &Answer<'_>) -> String {
    let mut out = String::new();
    line(&mut out, &headline(answer));
    out.push('\n');
    for judged in &answer.judged {
        family(&mut out, answer, judged);
    }
    notes(&mut out, answer);
    out
}

fn line(out: &mut String, text: &str) {
    let _ = writeln!(out, "{}", visible(text));
}

fn headline(answer: &Answer<'_>) -> String {
    let count = |verdict| {
        let all = answer.judged.iter();
        all.filter(|it| it.verdict == verdict).count()
    };
    let mut parts = Vec::new();
    for (verdict, words) in [
        (Verdict::Always, "always granted"),
        (Verdict::Sometimes, "sometimes granted"),
        (Verdict::Never, "never granted"),
        (Verdict::NoRequest, "no request at all"),
        (Verdict::Unknown, "not decided"),
    ] {
        if count(verdict) > 0 {
            parts.push(format!("{} {words}", count(verdict)));
        }
    }
    let state = match (answer.passes, answer.must) {
        (Some(true), true) => "granted",
        (Some(true), false) => "not granted",
        (Some(false), true) => "NOT ALWAYS GRANTED",
        (Some(false), false) => "GRANTED",
        (None, _) if !answer.loaded.unread.is_empty() => "unknown, as not every policy was read",
        (None, _) => "unknown",
    };
    let total = answer.judged.len();
    format!("{state}: of {total} asked, {}", parts.join(", "))
}

fn family(out: &mut String, answer: &Answer<'_>, judged: &Judged<'_>) {
    let asked = match judged.family.resource.as_str() {
        "*" => format!("`{}`", judged.family.action),
        resource => format!("`{}` on `{resource}`", judged.family.action),
    };
    let allowed = judged.allowed.as_ref();
    let allowed = allowed.map(|it| Example::new(it, answer.loaded));
    let denied = judged.denied.as_ref();
    let denied = denied.map(|it| Example::new(it, answer.loaded));
    let doubt = judged.doubt.as_ref().map(words::doubt).unwrap_or_default();
    let text = match judged.verdict {
        Verdict::Always => format!("always: {asked} is granted"),
        Verdict::Sometimes => format!("sometimes: {asked} is granted, but not always"),
        Verdict::Never => format!("never: {asked} is not granted"),
        Verdict::NoRequest => format!("no request: AWS has no request of {asked}"),
        Verdict::Unknown => match (&allowed, &denied) {
            (Some(_), _) => {
                format!("granted: {asked}; whether always could not be decided: {doubt}")
            }
            (_, Some(_)) => {
                format!("not always: {asked}; whether ever could not be decided: {doubt}")
            }
            _ => format!("unknown: {asked} could not be decided: {doubt}"),
        },
    };
    line(out, &text);
    let wrong = if answer.must { &denied } else { &allowed };
    let finding = wrong
        .as_ref()
        .and_then(|it| finding(it, &asked, answer.must));
    for (example, word) in [(&allowed, "granted"), (&denied, "not granted")] {
        let Some(example) = example else { continue };
        let tomorrow = match example.witness.in_catalog {
            true => "",
            false => " (no action of today, but AWS may name one so)",
        };
        let request = words::request_of_caller(&example.witness.request);
        line(
            out,
            &format!(
                "  {word}, for example: {request}{tomorrow}: {}",
                example.why
            ),
        );
    }
    if let Some(finding) = finding {
        let sources = &answer.loaded.sources;
        out.push_str(&findings(sources, &[finding], OPTIONS));
    }
    out.push('\n');
}

fn finding(example: &Example<'_>, asked: &str, must: bool) -> Option<Finding> {
    let (place, span) = example.place()?;
    let file = place.file?;
    let location = Location { file, span };
    let finding = if must {
        Finding::new(
            "access-missing",
            FindingType::Error,
            location,
            format!("{asked} is not always granted"),
        )
    } else {
        Finding::new(
            "access-granted",
            FindingType::SecurityWarning,
            location,
            format!("{asked} is granted"),
        )
    };
    Some(finding)
}

fn notes(out: &mut String, answer: &Answer<'_>) {
    let loaded = answer.loaded;
    let all: Vec<Finding> = loaded
        .unread
        .iter()
        .chain(&loaded.findings)
        .cloned()
        .collect();
    if !all.is_empty() {
        out.push_str(&findings(&loaded.sources, &all, OPTIONS));
        out.push('\n');
    }
    for text in answer.assumptions.iter().chain(&loaded.assumptions) {
        line(out, &format!("assumed: {text}"));
    }
    if answer.judged.iter().any(|it| it.rests_on_facts) {
        words::print_facts(out);
    }
    line(out, &catalog_line(answer.catalog.info()));
}
