//! Where reports of `lint` go.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the place of `cli lint` that writes reports and knows the clock"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anstream::ColorChoice;
use indicatif::{ProgressBar, ProgressStyle};

use super::LintArgs;
use super::fixing::{Changed, is_stdin};
use crate::cli::input::STDIN;
use crate::cli::patch::patch;
use crate::finding::{Finding, FindingType};
use crate::report::lint::{Format, Report, render};
use crate::report::text::{self, Options, visible};
use crate::source::{FileId, Location, Sources, Span};

pub(super) fn format(name: &str) -> Result<Format, String> {
    Format::parse(name).ok_or_else(|| {
        let names: Vec<&str> = Format::ALL.iter().map(|it| it.as_str()).collect();
        format!("known are {}", names.join(", "))
    })
}

pub(super) fn target(text: &str) -> Result<(Format, String), String> {
    match text.split_once(':') {
        Some((name, file)) if !file.is_empty() => Ok((format(name)?, file.to_owned())),
        _ => Err("write it as `FORMAT:FILE`, such as `sarif:rolecall.sarif`".into()),
    }
}

/// Writes the report everywhere it is wanted.
pub(super) fn write(
    args: &LintArgs,
    report: &Report<'_>,
    changed: &[Changed],
) -> Result<(), String> {
    for (format, name) in &args.output {
        write_file(name, &render(report, *format, Options::default()))?;
    }
    let fixed_text = changed
        .iter()
        .find(|it| args.fix && is_stdin(args, &it.name));
    if args.diff {
        print_text(args, &diff(changed));
        return Ok(());
    }
    let choice = choice(args);
    let options = Options {
        color: true,
        width: std::io::stdout().is_terminal().then(width).flatten(),
    };
    let text = match args.format {
        _ if args.statistics => statistics(report),
        Format::Text | Format::Concise
            if args.quiet && report.findings.is_empty() && report.unread.is_empty() =>
        {
            String::new()
        }
        format => render(report, format, options),
    };
    if args.fix {
        note(args, &fixes(changed));
    }
    if let Some(fixed) = fixed_text {
        // The text is what was asked for; the report goes beside it.
        let _ = anstream::AutoStream::new(std::io::stderr(), choice).write_all(text.as_bytes());
        print(&fixed.after);
        return Ok(());
    }
    // A closed pipe is the reader's choice.
    let _ = anstream::AutoStream::new(std::io::stdout().lock(), choice).write_all(text.as_bytes());
    Ok(())
}

fn fixes(changed: &[Changed]) -> String {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for applied in changed.iter().flat_map(|it| &it.applied) {
        *counts
            .entry((applied.rule, applied.class.as_str()))
            .or_default() += 1;
    }
    let total: usize = counts.values().sum();
    let mut text = format!("fixed {total} findings");
    for ((rule, class), count) in counts {
        let _ = write!(text, "\n  {count} {rule} ({class})");
    }
    text
}

fn choice(args: &LintArgs) -> ColorChoice {
    match args.color.as_str() {
        "always" => ColorChoice::Always,
        "never" => ColorChoice::Never,
        _ => anstream::AutoStream::choice(&std::io::stdout()),
    }
}

/// The width of the terminal.
fn width() -> Option<usize> {
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

/// Prints a text as it is.
pub(super) fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Prints names of others, a line each.
pub(super) fn print_lines(lines: &[&str]) {
    let text: String = lines
        .iter()
        .map(|it| format!("{}\n", visible(it)))
        .collect();
    print(&text);
}

/// Prints a text of others: on a terminal with everything that it would act on written out.
fn print_text(args: &LintArgs, text: &str) {
    if std::io::stdout().is_terminal() || args.color == "always" {
        let lines: String = text
            .lines()
            .map(|it| format!("{}\n", visible(it)))
            .collect();
        print(&lines);
    } else {
        print(text);
    }
}

/// Says something beside the report.
pub(super) fn note(args: &LintArgs, text: &str) {
    if !args.quiet {
        let lines: Vec<_> = text.lines().map(visible).collect();
        let _ = writeln!(anstream::stderr(), "{}", lines.join("\n"));
    }
}

/// Shows the mistakes in settings.
pub(super) fn print_mistakes(sources: &Sources, mistakes: &[Finding], args: &LintArgs) {
    let options = Options {
        color: true,
        width: std::io::stderr().is_terminal().then(width).flatten(),
    };
    let text = text::findings(sources, mistakes, options);
    let mut err = anstream::AutoStream::new(std::io::stderr(), choice(args));
    let _ = err.write_all(text.as_bytes());
}

/// A file of a folder that the system does not let us read.
pub(super) fn unreadable(file: FileId, error: &std::io::Error) -> Finding {
    let location = Location {
        file,
        span: Span::new(0, 0),
    };
    Finding::new(
        "unreadable-file",
        FindingType::Error,
        location,
        format!("the file cannot be read: {error}"),
    )
    .why("nothing in it was checked")
    .help("let the user who runs this read it, or exclude it in the settings")
}

pub(super) fn write_file(name: &str, text: &str) -> Result<(), String> {
    if name == STDIN {
        print(text);
        return Ok(());
    }
    std::fs::write(name, text).map_err(|it| format!("`{name}` cannot be written: {it}"))
}

/// Returns what day it is, in UTC, as `2027-01-31`.
pub(super) fn today() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let milliseconds = i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX);
    let mut text = crate::policy::operand::date_text(milliseconds);
    text.truncate(10);
    text
}

/// A bar on standard error, for a terminal and much to do.
pub(super) fn progress(count: usize, quiet: bool) -> ProgressBar {
    const MANY: usize = 2_000;
    if quiet || count < MANY || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(count as u64);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} files");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// How often each rule fires.
fn statistics(report: &Report<'_>) -> String {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in report.findings {
        *counts
            .entry((finding.rule, finding.finding_type.as_str()))
            .or_default() += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut out = String::new();
    for ((rule, finding_type), count) in rows {
        let _ = writeln!(out, "{count:>7}  {rule}  ({finding_type})");
    }
    let _ = writeln!(
        out,
        "{:>7}  findings in {} policies of {} files; {} not read",
        report.findings.len(),
        report.summary.documents,
        report.summary.files,
        report.unread.len()
    );
    out
}

/// What `--fix` would write as a patch, then what it never writes by itself.
fn diff(changed: &[Changed]) -> String {
    let mut out = String::new();
    for it in changed.iter().filter(|it| it.after != it.before) {
        out.push_str(&patch(&it.name, Some(&it.before), &it.after));
    }
    let mut suggested = changed
        .iter()
        .filter(|it| it.suggested != it.after)
        .peekable();
    if suggested.peek().is_some() {
        out.push_str(
            "# suggested: this could allow more than before, so `--fix` never writes it\n",
        );
    }
    for it in suggested {
        out.push_str(&patch(&it.name, Some(&it.after), &it.suggested));
    }
    out
}
