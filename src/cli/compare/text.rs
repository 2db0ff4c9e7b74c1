//! The answer for people: the verdict in one line, then each new access where it is written.

use std::fmt::Write as _;

use super::beyond::Beyond;
use super::{Answer, Verdict, Within};
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
/// Access that was taken away is described up to this number of statements.
const MOST_LOST: usize = 5;

/// Returns the answer as text.
pub(super) fn answer(answer: &Answer<'_>) -> String {
    let mut out = String::new();
    let loaded = &answer.sides.loaded;
    line(&mut out, &headline(answer));
    let gained = beyond(answer, true);
    if !gained.is_empty() {
        let shown: Vec<Finding> = gained.iter().filter_map(|it| finding(answer, it)).collect();
        out.push('\n');
        out.push_str(&findings(&loaded.sources, &shown, OPTIONS));
    } else if answer.new_access == Some(true)
        && let Within::No(example) | Within::Today(example) = &answer.new_in_old
    {
        let text = words::request_of_caller(&example.request);
        line(&mut out, &format!("for example {text}"));
    }
    if answer.gained.more {
        line(&mut out, "there is more new access than is shown here");
    }
    let lost = beyond(answer, false);
    if !lost.is_empty() {
        out.push('\n');
        line(&mut out, "no longer allowed:");
        for it in lost.iter().take(MOST_LOST) {
            let example = words::request_of_caller(&it.excess.witness.request);
            line(&mut out, &format!("- {}; for example {example}", it.what));
        }
        if lost.len() > MOST_LOST {
            let more = lost.len() - MOST_LOST;
            line(&mut out, &format!("- and more, of {more} other statements"));
        }
    }
    notes(&mut out, answer);
    out
}

fn line(out: &mut String, text: &str) {
    let _ = writeln!(out, "{}", visible(text));
}

fn headline(answer: &Answer<'_>) -> String {
    let (old, new) = (&answer.sides.old.name, &answer.sides.new.name);
    if !answer.sides.loaded.unread.is_empty() {
        return "unknown: not every policy could be read".into();
    }
    let mut text = match answer.verdict {
        Verdict::Equal
            if matches!(answer.new_in_old, Within::Today(_))
                || matches!(answer.old_in_new, Within::Today(_)) =>
        {
            format!("equal today: of the actions that AWS has, `{new}` allows what `{old}` allows")
        }
        Verdict::Equal => format!("equal: `{new}` allows exactly what `{old}` allows"),
        Verdict::Less => format!("less: `{new}` allows nothing new, and less than `{old}`"),
        Verdict::More => {
            format!("new access: `{new}` allows all that `{old}` allows, and more")
        }
        Verdict::Incomparable => {
            format!("new access: `{new}` allows what `{old}` does not, and lacks what that allows")
        }
        Verdict::Unknown => match (&answer.new_in_old, answer.new_access) {
            (_, Some(true)) => format!("new access: `{new}` allows what `{old}` does not"),
            (_, Some(false)) => {
                format!("no new access: `{new}` allows nothing that `{old}` does not")
            }
            (Within::Unknown(doubt), None) => format!(
                "unknown: whether `{new}` allows what `{old}` does not could not be decided: {}",
                words::doubt(doubt)
            ),
            _ => "unknown: not decided".into(),
        },
    };
    if let (Within::Today(future), true) = (&answer.new_in_old, answer.new_access.is_some()) {
        let what = if answer.new_access == Some(true) {
            "none of it is an action of today, but AWS may give one such a name as"
        } else {
            "a future action may be new, such as"
        };
        let _ = write!(text, "; {what} `{}`", future.request.action.text);
    }
    if let (Within::Today(future), Verdict::Equal | Verdict::Less) =
        (&answer.old_in_new, answer.verdict)
    {
        let _ = write!(
            text,
            "; what it lacks are names that AWS does not have yet, such as `{}`",
            future.request.action.text
        );
    }
    if let Within::Unknown(doubt) = &answer.old_in_new {
        let _ = write!(
            text,
            "; whether it lacks something could not be decided: {}",
            words::doubt(doubt)
        );
    }
    text
}

/// What one side has beyond the other; `gained`: NEW beyond OLD.
pub(super) fn beyond<'a>(answer: &'a Answer<'_>, gained: bool) -> Vec<Beyond<'a>> {
    let (old, new) = (&answer.sides.old, &answer.sides.new);
    let (excesses, side, other) = if gained {
        (&answer.gained, new, old)
    } else {
        (&answer.lost, old, new)
    };
    let all = excesses.found.iter();
    all.filter_map(|it| Beyond::new(it, side, other)).collect()
}

fn finding(answer: &Answer<'_>, beyond: &Beyond<'_>) -> Option<Finding> {
    let place = &beyond.place;
    let file = place.file?;
    let at = |span| Location { file, span };
    let primary = place.matching.first().copied().unwrap_or(place.span);
    let message = format!("{} allows {}", place.name, beyond.what);
    let is_new = answer.new_access != Some(false);
    let finding_type = if is_new {
        FindingType::SecurityWarning
    } else {
        FindingType::Suggestion
    };
    let mut finding = Finding::new("new-access", finding_type, at(primary), message).label("new");
    for span in place.matching.iter().skip(1) {
        finding = finding.related(at(*span), String::new());
    }
    if let Some(lack) = &beyond.lack.place
        && let Some(file) = lack.file
    {
        let span = lack.matching.first().copied().unwrap_or(lack.span);
        let text = match beyond.lack.class {
            "denied" => "denied before",
            _ => "the nearest before",
        };
        finding = finding.related(Location { file, span }, text);
    }
    let example = words::request_of_caller(&beyond.excess.witness.request);
    let tomorrow = match beyond.excess.witness.in_catalog {
        true => "",
        false => " (no action of today, but AWS may name one so)",
    };
    Some(finding.why(format!(
        "for example {example}{tomorrow}: {}",
        beyond.lack.text
    )))
}

fn notes(out: &mut String, answer: &Answer<'_>) {
    let loaded = &answer.sides.loaded;
    let unread: Vec<Finding> = loaded
        .unread
        .iter()
        .chain(&loaded.findings)
        .cloned()
        .collect();
    if !unread.is_empty() {
        out.push('\n');
        out.push_str(&findings(&loaded.sources, &unread, OPTIONS));
    }
    out.push('\n');
    for doubt in answer.gained.doubts.iter().chain(&answer.lost.doubts) {
        line(out, &format!("not decided: {}", words::doubt(doubt)));
    }
    for text in &loaded.assumptions {
        line(out, &format!("assumed: {text}"));
    }
    if answer.rests_on_facts {
        words::print_facts(out);
    }
    line(out, &catalog_line(answer.catalog.info()));
}
