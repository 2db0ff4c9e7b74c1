//! Says why a bootstrap does not go on, with the exit code, and the command that goes on.

use std::io::Write as _;

use crate::cli::{generate, input};
use crate::provision::{Class, Journal as _, Past, Stop};
use crate::store::journal::Journal;

/// Says why, and returns the exit code.
pub(super) fn say(stop: &Stop, journal: &Journal) -> u8 {
    // Where the journal cannot be read, something may be there.
    let has_written = journal.entries().map_or(true, |it| Past(it).has_written());
    error(&words(stop));
    if has_written {
        go_on("this stopped part-way: put it right, and go on");
        return 4;
    }
    match stop {
        Stop::Gate(_) | Stop::Moved(_) | Stop::UnknownKeys { .. } => 1,
        Stop::Elsewhere { .. } => 2,
        Stop::Failed { failure, .. } if failure.class == Class::Credential => 2,
        _ => 3,
    }
}

/// Says how to go on: the same command.
pub(super) fn go_on(why: &str) {
    // No flag takes a secret, so the command can be shown.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .map(|it| generate::quoted(&it))
        .collect();
    let command = format!("rolecall {}", words.join(" "));
    let _ = writeln!(
        std::io::stderr(),
        "help: {why}: {}",
        input::lines_visible(&command)
    );
}

pub(super) fn error(text: &str) {
    let _ = writeln!(std::io::stderr(), "error: {}", input::lines_visible(text));
}

fn words(stop: &Stop) -> String {
    let Stop::Moved(all) = stop else {
        return stop.to_string();
    };
    let mut text =
        "the account is not as the plan found it; nothing of this was touched:".to_owned();
    for foreign in all {
        text.push_str(&format!("\n  {foreign}"));
        for it in &foreign.differences {
            text.push_str(&format!(
                "\n    {}: there is {}, the plan has {}",
                it.of,
                shown(&it.there),
                shown(&it.wanted)
            ));
        }
    }
    text
}

fn shown(text: &str) -> String {
    match text {
        "" => "nothing".to_owned(),
        text => format!("`{text}`"),
    }
}
