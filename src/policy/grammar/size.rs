//! The size of the document (G4, G18).

use super::action_prefixes;
use crate::policy::quotas::{Counting, quota};
use crate::policy::{Document, Problem};
use crate::source::Span;
use crate::switch::on;

pub(super) fn check(document: &Document, text: &str, found: &mut Vec<Problem>) {
    if !on("G18") {
        return;
    }
    let Some(quota) = quota(document.kind, only_service(document)) else {
        return;
    };
    let characters = text.chars().count();
    let white_space = text.chars().filter(|it| it.is_ascii_whitespace()).count();
    let size = match quota.counting {
        Counting::CharactersWithoutWhiteSpace if on("G4") => characters - white_space,
        Counting::Characters if !on("G4") => characters - white_space,
        Counting::CharactersWithoutWhiteSpace | Counting::Characters => characters,
        Counting::Bytes => text.len(),
    };
    if size <= quota.limit {
        return;
    }
    let (unit, counted) = match quota.counting {
        Counting::CharactersWithoutWhiteSpace => ("characters", "without white space"),
        Counting::Characters => ("characters", "with white space"),
        Counting::Bytes => ("bytes", "with white space"),
    };
    let message = format!(
        "the document has {} {unit} {counted}, and {} has at most {}",
        grouped(size),
        quota.subject,
        grouped(quota.limit)
    );
    let start = Span::new(document.span.start, document.span.start + 1);
    let problem = Problem::new("G18", "policy-too-large", start, message);
    let fits_otherwise = quota.otherwise.filter(|(limit, _)| size <= *limit);
    let without_white_space = characters - white_space;
    let help = match quota.counting {
        Counting::Characters if without_white_space <= quota.limit => {
            "remove white space between the elements"
        }
        _ => "split it into several policies, or shorten it",
    };
    found.push(match fits_otherwise {
        Some((_, otherwise)) => problem.warning().why(otherwise).help(help),
        None => problem.why("AWS refuses a longer document").help(help),
    });
}

/// Returns the service prefix that every action of the document has.
fn only_service(document: &Document) -> Option<&str> {
    let mut prefixes = document.statements.iter().flat_map(action_prefixes);
    let first = prefixes.next()??;
    prefixes
        .all(|prefix| prefix.is_some_and(|it| it.eq_ignore_ascii_case(first)))
        .then_some(first)
}

/// Returns a number as people write it: `10,240`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
