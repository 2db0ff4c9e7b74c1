//! The report for people: the verdict, each way out with its requests, and what was taken for
//! granted.

use std::fmt::Write as _;

use super::Shown;
use crate::isolation::{Escape, GrantedBy, Report, Step, Verdict};
use crate::report::text::{Options, findings, visible};
use crate::source::{Location, Sources};

/// Open questions shown in full; the rest is counted.
const OPEN: usize = 8;

/// Returns the report.
#[must_use]
pub fn text(shown: &Shown<'_>, options: Options) -> String {
    let report = shown.report;
    let mut out = String::new();
    if !shown.unread.is_empty() || !shown.findings.is_empty() {
        let all: Vec<_> = shown.unread.iter().chain(shown.findings).cloned().collect();
        out.push_str(&findings(shown.sources, &all, options));
        out.push('\n');
    }
    head(&mut out, shown);
    for (at, escape) in report.escapes.iter().enumerate() {
        way_out(&mut out, at + 1, escape, shown.sources);
    }
    open(&mut out, report);
    if !report.invariants.is_empty() {
        list(&mut out, "Proven", report.invariants.iter());
    }
    let assumed = shown.assumptions.iter().chain(&report.assumptions);
    list(&mut out, "Assumed", assumed);
    if report.verdict != Verdict::Escapes {
        let title = "What IAM cannot separate within an account";
        list(&mut out, title, report.cannot_isolate.iter());
    }
    out.push('\n');
    out.push_str(&summary(report));
    out
}

/// Ways out that `check` shows in full.
const IN_FULL: usize = 3;

/// Returns what was found in the words of `check`: the verdict and the shortest ways out.
pub fn ways_out(report: &Report, sources: &Sources) -> String {
    let mut out = format!("  {}", summary(report));
    for (at, escape) in report.escapes.iter().take(IN_FULL).enumerate() {
        way_out(&mut out, at + 1, escape, sources);
    }
    let rest = report.escapes.iter().skip(IN_FULL);
    for (at, escape) in rest.enumerate() {
        let number = at + IN_FULL + 1;
        let (title, gain) = (visible(&escape.title), visible(&escape.gain));
        let _ = writeln!(out, "\n{number}. {title} ({}): {gain}", escape.class);
    }
    open(&mut out, report);
    if report.verdict == Verdict::Isolated {
        list(&mut out, "Proven", report.invariants.iter());
    }
    list(&mut out, "Assumed for this", report.assumptions.iter());
    out.push('\n');
    out
}

fn head(out: &mut String, shown: &Shown<'_>) {
    let report = shown.report;
    let _ = writeln!(out, "actor:    {}", visible(&report.actor));
    for (at, line) in report.ceiling.iter().enumerate() {
        let name = if at == 0 { "ceiling: " } else { "         " };
        let _ = writeln!(out, "{name} {}", visible(line));
    }
    let _ = writeln!(
        out,
        "catalog:  AWS's actions as of {} ({})",
        shown.catalog.date, shown.catalog.hash
    );
}

fn way_out(out: &mut String, number: usize, escape: &Escape, sources: &Sources) {
    let class = match escape.class.as_str() {
        "" => String::new(),
        class => format!(" ({class})"),
    };
    let _ = writeln!(out, "\n{number}. {}{class}", visible(&escape.title));
    let _ = writeln!(out, "   gain: {}", visible(&escape.gain));
    for (at, step) in escape.steps.iter().enumerate() {
        request(out, at + 1, step, sources);
    }
    if !escape.also.is_empty() {
        let (first, rest) = escape.also.split_at(escape.also.len().min(3));
        let mut text = first.join("; ");
        if !rest.is_empty() {
            let _ = write!(text, "; and {} more", rest.len());
        }
        let _ = writeln!(out, "   the same way: {}", visible(&text));
    }
    if let Some(remedy) = &escape.remedy {
        let _ = writeln!(out, "   fix: {}", visible(&remedy.text));
    }
}

fn request(out: &mut String, number: usize, step: &Step, sources: &Sources) {
    let resource = step.resource.as_deref().unwrap_or("*");
    let _ = writeln!(out, "   {number}) {}", visible(&step.title));
    let _ = writeln!(out, "      {} on {}", step.action, visible(resource));
    for (key, values) in &step.context {
        let _ = writeln!(
            out,
            "        {} = {}",
            visible(key),
            visible(&values.join(", "))
        );
    }
    let by = step.by.rsplit(':').next().unwrap_or(&step.by);
    let allowed = match &step.allowed_by {
        Some(granted) => place(granted, sources),
        None => step.otherwise.into(),
    };
    let _ = writeln!(out, "      by {}, allowed by {allowed}", visible(by));
}

fn place(granted: &GrantedBy, sources: &Sources) -> String {
    let location = Location {
        file: granted.file,
        span: granted.span,
    };
    let name = crate::policy::statement_name(granted.sid.as_deref(), granted.index);
    let line = sources.line_column(location).line;
    let file = visible(&sources.get(granted.file).name);
    let boundary = if granted.in_boundary {
        " in the boundary, and a policy that the actor wrote"
    } else {
        ""
    };
    format!("{file}:{line}, {}{boundary}", visible(&name))
}

fn open(out: &mut String, report: &Report) {
    if report.open.is_empty() || report.verdict == Verdict::Escapes {
        return;
    }
    let _ = writeln!(out, "\nNot decided");
    for open in report.open.iter().take(OPEN) {
        let _ = writeln!(out, "  {}: {}", open.reason, visible(&open.detail));
    }
    let rest = report.open.len().saturating_sub(OPEN);
    if rest > 0 {
        let _ = writeln!(out, "  and {rest} more");
    }
}

fn list<'a>(out: &mut String, title: &str, lines: impl Iterator<Item = &'a String>) {
    let lines: Vec<&String> = lines.collect();
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    for line in lines {
        let _ = writeln!(out, "  {}", visible(line));
    }
}

fn summary(report: &Report) -> String {
    match report.verdict {
        Verdict::Isolated => {
            "ISOLATED: within this account, by IAM, nothing goes beyond the ceiling\n".into()
        }
        Verdict::Escapes => {
            let count = report.escapes.len();
            let shortest = report.escapes.first();
            let steps = shortest.map_or(0, |it| it.steps.len());
            let ways = if count == 1 { "one way" } else { "ways" };
            let number = if count == 1 {
                String::new()
            } else {
                format!("{count} ")
            };
            format!("ESCAPES: {number}{ways} out, the shortest with {steps} requests\n")
        }
        Verdict::Unknown => format!(
            "UNDECIDED: no way out was found, and {} questions keep it from being proven that \
             there is none\n",
            report.open.len()
        ),
    }
}
