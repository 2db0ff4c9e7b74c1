//! `rolecall profile new`: a profile from calls that were seen.

use clap::Args;
use serde_json::json;

use super::Format;
use super::own::{self, Own};
use super::save::{complain, exists, print, save, say};
use crate::cli::input::{self, STDIN, lines_visible};
use crate::evidence::{self, Extended, Options, Reading, Unread};
use crate::profile::Profile;

/// Make a profile from calls that were seen, or extend one.
///
/// FILE is a list of calls (one `service:Action` a line, ARNs behind it), CloudTrail records, or
/// texts of errors (`AccessDenied`). What they do not tell is reported, never guessed.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 everything was read; 2 wrong use; 3 something could not be told, \
                  and the rest was written."
)]
pub(super) struct NewArgs {
    /// Where calls were seen: files, or `-` for standard input.
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    from_calls: Vec<String>,
    /// Add what is missing to this profile instead; its comments and layout stay.
    #[arg(long, value_name = "PROFILE.toml", conflicts_with = "title")]
    extend: Option<String>,
    /// The title of the new profile.
    #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    title: Option<String>,
    /// The phase of the new requirements; one that is not there is declared.
    #[arg(long, value_name = "NAME", default_value = "observed")]
    phase: String,
    /// Only the calls of this caller: its ARN, or the name of its user or role.
    #[arg(long, value_name = "ARN|NAME")]
    principal: Option<String>,
    /// Turn ids that AWS assigned into patterns (`vpc-*`), and take what the evidence does not
    /// tell for anything of its type.
    #[arg(long)]
    generalise: bool,
    /// Where to write; none: the extended profile, else standard output.
    #[arg(long, value_name = "FILE|-")]
    out: Option<String>,
    /// Replace FILE if it is there.
    #[arg(long, requires = "out")]
    force: bool,
    /// How to print what was done; the profile itself is TOML.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the subcommand and returns the exit code.
pub(super) fn run(args: &NewArgs) -> u8 {
    match make(args) {
        Ok(code) => code,
        Err(message) => complain(&message),
    }
}

fn make(args: &NewArgs) -> Result<u8, String> {
    if !is_name(&args.phase) {
        return Err(format!(
            "`--phase {}` is not in kebab-case\nhelp: write it like `create-cluster`",
            args.phase
        ));
    }
    let reading = read(args)?;
    let options = Options {
        title: args.title.as_deref(),
        phase: Some(&args.phase),
        generalise: args.generalise,
    };
    let (own, made) = match &args.extend {
        Some(path) => extend(path, &reading, &options)?,
        None => (None, evidence::profile_text(&reading, &options)),
    };
    let target = args
        .out
        .clone()
        .or_else(|| own.as_ref().map(|it| it.path.clone()));
    let target = target.unwrap_or_else(|| STDIN.to_owned());
    if let Err(errors) = Profile::parse(&target, &made.text) {
        let broken = Own {
            path: target,
            text: made.text,
        };
        return Err(format!(
            "nothing was written: the profile would have errors\n{}",
            own::report(&broken, &errors)
        ));
    }
    let is_own = own.as_ref().is_some_and(|it| it.path == target);
    if exists(&target) && !is_own && !args.force {
        return Err(format!(
            "`{target}` is there already\nhelp: give another `--out`, `--force` to replace it, or \
             `--extend {target}` to add to it"
        ));
    }
    if !(is_own && made.added.is_empty()) {
        save(&target, &made.text)?;
    }
    tell(args, &target, &reading, &made);
    Ok(if reading.unread.is_empty() { 0 } else { 3 })
}

fn read(args: &NewArgs) -> Result<Reading, String> {
    let mut reading = Reading::default();
    for name in &args.from_calls {
        let input = input::open(name).map_err(|error| format!("`--from-calls`: {error}"))?;
        if input.bytes.len() > crate::read::MAX_BYTES {
            return Err(format!(
                "`{name}` is longer than {} bytes\nhelp: split it, one record a line",
                crate::read::MAX_BYTES
            ));
        }
        evidence::read(&input.name, &input.bytes, &mut reading);
    }
    if let Some(principal) = &args.principal {
        let before = reading.calls.len();
        reading.keep_caller(principal);
        if reading.calls.is_empty() && before > 0 {
            return Err(format!(
                "none of the {before} calls is of `{principal}`\nhelp: name an ARN, or a role or user"
            ));
        }
    }
    if reading.calls.is_empty() {
        let lines: Vec<String> = reading.unread.iter().map(line).collect();
        return Err(
            format!("no calls were found\n{}", lines_visible(&lines.join("\n")))
                .trim_end()
                .to_owned(),
        );
    }
    Ok(reading)
}

fn extend(
    path: &str,
    reading: &Reading,
    options: &Options<'_>,
) -> Result<(Option<Own>, Extended), String> {
    let own = own::open(path)?;
    match evidence::extend(&own.path, &own.text, reading, options) {
        Ok(made) => Ok((Some(own), made)),
        Err(errors) => Err(own::report(&own, &errors)),
    }
}

/// Says what was done: beside a profile on standard output, on standard error.
fn tell(args: &NewArgs, target: &str, reading: &Reading, made: &Extended) {
    let text = match args.format {
        Format::Json => format!("{:#}\n", json(target, reading, made)),
        Format::Text => words(target, reading, made),
    };
    match target {
        STDIN => say(text.trim_end()),
        _ => print(&text),
    }
}

fn words(target: &str, reading: &Reading, made: &Extended) -> String {
    let mut text = String::new();
    let target = if target == STDIN {
        "the profile"
    } else {
        target
    };
    let count = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    text.push_str(&format!(
        "{target}: {} from {}",
        count(made.added.len(), "requirement", "requirements"),
        count(reading.calls.len(), "call", "calls"),
    ));
    if made.known > 0 {
        text.push_str(&format!(", {} of which it required already", made.known));
    }
    text.push('\n');
    if !made.open.is_empty() {
        text.push_str(&format!(
            "without a value, for the evidence does not tell: `{}`; set each with `--var NAME=VALUE`, \
             write a `default`, or use `--generalise`\n",
            made.open.join("`, `")
        ));
    }
    if !reading.unread.is_empty() {
        text.push_str("\nnot read:\n");
        for unread in &reading.unread {
            text.push_str(&format!("  {}\n", line(unread).replace('\n', "\n  ")));
        }
    }
    if !reading.passed_over.is_empty() {
        text.push_str("\npassed over:\n");
        for passed in &reading.passed_over {
            text.push_str(&format!("  {}\n", line(passed)));
        }
    }
    let mut lines = lines_visible(&text);
    lines.push('\n');
    lines
}

/// Returns what was not understood, with its place.
pub(super) fn line(unread: &Unread) -> String {
    let place = &unread.place;
    let more = match unread.count {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let help = match unread.help.as_str() {
        "" => String::new(),
        help => format!("\n  help: {help}"),
    };
    format!(
        "{}:{}: {}{more}{help}",
        place.file, place.line, unread.message
    )
}

fn json(target: &str, reading: &Reading, made: &Extended) -> serde_json::Value {
    let list = |list: &[Unread]| -> Vec<serde_json::Value> {
        let rows = list.iter().map(|it| {
            json!({
                "file": it.place.file,
                "line": it.place.line,
                "event": it.place.event,
                "count": it.count,
                "message": it.message,
                "help": it.help,
            })
        });
        rows.collect()
    };
    json!({
        "schema": "rolecall/profile-new/v1",
        "profile": target,
        "calls": reading.calls.len(),
        "added": made.added,
        "known": made.known,
        "open": made.open,
        "unread": list(&reading.unread),
        "passedOver": list(&reading.passed_over),
    })
}

fn is_name(text: &str) -> bool {
    let is_letter = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
    !text.is_empty() && !text.starts_with('-') && text.bytes().all(is_letter)
}
