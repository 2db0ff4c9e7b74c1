//! The size of the document (G4, G18).

use crate::policy::quotas::{Counting, grouped, measure};
use crate::policy::{Document, Kind, Problem};
use crate::source::Span;
use crate::switch::on;

pub(super) fn check(document: &Document, text: &str, found: &mut Vec<Problem>) {
    if !on("G18") {
        return;
    }
    let Some(measured) = measure(document, text).filter(|it| it.size > it.quota.limit) else {
        return;
    };
    let (quota, size) = (measured.quota, measured.size);
    let (unit, counted) = match quota.counting {
        Counting::CharactersWithoutWhiteSpace => ("characters", "without white space"),
        Counting::Characters => ("characters", "with white space"),
        Counting::Bytes => ("bytes", "with white space"),
    };
    // Beyond the greater limit that one is named.
    let (subject, limit) = match quota.otherwise {
        Some(otherwise) if size > otherwise.limit => (otherwise.subject, otherwise.limit),
        _ => (quota.subject, quota.limit),
    };
    let message = format!(
        "the document has {} {unit} {counted}, and {subject} has at most {}",
        grouped(size),
        grouped(limit)
    );
    let start = Span::new(document.span.start, document.span.start + 1);
    let help = match quota.counting {
        Counting::Characters | Counting::Bytes if measured.without_white_space <= quota.limit => {
            "remove white space between the elements"
        }
        _ if matches!(document.kind, Kind::Identity | Kind::Scp | Kind::Rcp) => {
            "split it into several policies, or shorten it"
        }
        _ => "shorten it: there can be no second one beside it",
    };
    let problem = |name| Problem::new("G18", name, start, message).help(help);
    found.push(match quota.otherwise.filter(|it| size <= it.limit) {
        Some(otherwise) => problem(otherwise.problem).warning().why(otherwise.takes),
        None => problem("policy-too-large").why("AWS refuses a longer document"),
    });
}
