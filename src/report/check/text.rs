//! The report for people: one line a phase, then what is not met, then what to do.

use std::fmt::Write as _;

use super::Checked;
use crate::check::{Judged, ReasonClass, Report, Verdict, finding, headline};
use crate::profile::{Phase, Strength};
use crate::report::isolation::ways_out;
use crate::report::text::{Options, findings};

/// Findings shown in full for each phase; the rest in one line each.
const IN_FULL: usize = 4;
/// How many other actors are named with their titles.
const FEW_ACTORS: usize = 3;

/// Returns the report.
#[must_use]
pub fn text(checked: &Checked<'_>, options: Options) -> String {
    let mut out = String::new();
    head(&mut out, checked);
    if !checked.unread.is_empty() || !checked.findings.is_empty() {
        out.push('\n');
        let all: Vec<_> = checked
            .unread
            .iter()
            .chain(checked.findings)
            .cloned()
            .collect();
        out.push_str(&findings(checked.sources, &all, options));
    }
    out.push('\n');
    if let Some(obstacle) = obstacle(checked) {
        let _ = writeln!(out, "INCOMPLETE: nothing was judged, because {obstacle}");
        return out;
    }
    for phase in phases(checked) {
        phase_line(&mut out, checked, phase);
    }
    for phase in phases(checked) {
        details(&mut out, checked, phase, options);
    }
    off(&mut out, checked);
    notes(&mut out, checked);
    if let Some(isolation) = checked.isolation {
        let _ = writeln!(out, "\nIsolation");
        out.push_str(&ways_out(isolation, checked.sources));
    }
    summary(&mut out, checked);
    out
}

/// Why no verdict can be given at all.
fn obstacle(checked: &Checked<'_>) -> Option<&'static str> {
    if !checked.unread.is_empty() {
        return Some("a document was not read: it may allow or deny anything");
    }
    let refused = |it: &Judged| {
        let class = it.reason.as_ref().map(|reason| reason.class);
        class == Some(ReasonClass::DocumentRefused)
    };
    let all = &checked.report.requirements;
    (!all.is_empty() && all.iter().all(refused))
        .then_some("AWS refuses a document, so nothing in it takes effect: mend it first")
}

fn head(out: &mut String, checked: &Checked<'_>) {
    let profile = checked.profile;
    let (title, arn) = &checked.principal;
    let _ = writeln!(out, "{}: {}", profile.name, profile.title);
    let _ = writeln!(out, "judged:   {title} ({arn})");
    let documents: Vec<String> = checked
        .documents
        .iter()
        .map(|(name, kind)| format!("{name} ({kind})"))
        .collect();
    let _ = writeln!(out, "policies: {}", documents.join(", "));
    let source = &profile.source;
    let _ = writeln!(
        out,
        "profile:  after {}, {}, read {}",
        source.publisher, source.document, source.retrieved
    );
    let origin = if checked.catalog.builtin {
        "built in"
    } else {
        "updated by you"
    };
    let _ = writeln!(
        out,
        "catalog:  AWS's actions as of {} ({}, {origin})",
        checked.catalog.date, checked.catalog.hash
    );
}

/// The phases that have a judged requirement, in order.
fn phases<'a>(checked: &'a Checked<'_>) -> impl Iterator<Item = &'a Phase> {
    let of = |phase: &Phase| !in_phase(checked, phase).is_empty();
    checked.profile.phases.iter().filter(move |phase| of(phase))
}

fn in_phase<'a>(checked: &'a Checked<'_>, phase: &Phase) -> Vec<&'a Judged> {
    checked
        .report
        .requirements
        .iter()
        .filter(|it| it.call.phase == phase.name)
        .collect()
}

fn phase_line(out: &mut String, checked: &Checked<'_>, phase: &Phase) {
    let all = in_phase(checked, phase);
    let met = all.iter().filter(|it| it.verdict == Verdict::Met).count();
    let fails = all.iter().filter(|it| it.blocks()).count();
    let unknown = all
        .iter()
        .filter(|it| it.verdict == Verdict::Unknown)
        .count();
    let advised = all.len() - met - fails - unknown;
    let mark = match (fails, unknown) {
        (0, 0) => "ok  ",
        (0, _) => "?   ",
        _ => "FAIL",
    };
    let mut rest = Vec::new();
    if fails > 0 {
        rest.push(format!("{fails} not met"));
    }
    if unknown > 0 {
        rest.push(format!("{unknown} unknown"));
    }
    if advised > 0 {
        rest.push(format!("{advised} recommended or optional ones not met"));
    }
    let rest = if rest.is_empty() {
        String::new()
    } else {
        format!("; {}", rest.join(", "))
    };
    let width = phases(checked).map(|it| it.title.chars().count()).max();
    let _ = writeln!(
        out,
        "  {mark}  {:<width$}  {met} of {} met{rest}",
        phase.title,
        all.len(),
        width = width.unwrap_or_default(),
    );
}

fn details(out: &mut String, checked: &Checked<'_>, phase: &Phase, options: Options) {
    let open: Vec<&Judged> = in_phase(checked, phase)
        .into_iter()
        .filter(|it| it.verdict != Verdict::Met)
        .collect();
    if open.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", phase.title);
    let (first, rest) = open.split_at(open.len().min(IN_FULL));
    let shown: Vec<_> = first
        .iter()
        .map(|it| finding(it, checked.fallback))
        .collect();
    let text = findings(checked.sources, &shown, options);
    out.push_str(text.trim_end_matches('\n'));
    out.push('\n');
    for judged in rest {
        let _ = writeln!(out, "- {}", headline(judged));
    }
}

fn off(out: &mut String, checked: &Checked<'_>) {
    if checked.report.off.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\nFeatures that are off (switch one on with `--feature NAME`)"
    );
    let off = &checked.report.off;
    let width = off.iter().map(|it| it.name.len()).max().unwrap_or_default();
    for feature in off {
        let state = match (feature.unmet, feature.requirements) {
            (0, _) => "all would be met".to_owned(),
            (unmet, _) => format!("{unmet} would not be met"),
        };
        let _ = writeln!(
            out,
            "  {:<width$}  {}: {} calls, {state}",
            feature.name, feature.title, feature.requirements
        );
    }
}

fn notes(out: &mut String, checked: &Checked<'_>) {
    let report = checked.report;
    let mut notes: Vec<String> = Vec::new();
    notes.extend(other_actors(report));
    notes.extend(
        checked
            .assumptions
            .iter()
            .chain(&report.assumptions)
            .map(|it| format!("assumed: {it}")),
    );
    if notes.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nNotes");
    for note in notes {
        let _ = writeln!(out, "  {note}");
    }
}

/// Says whose calls were not judged; of many actors in one line.
fn other_actors(report: &Report) -> Vec<String> {
    let others = &report.other_actors;
    if others.len() <= FEW_ACTORS {
        let line = |(actor, count): &(String, usize)| {
            format!("{count} calls of {actor} were not judged: `--actor` judges them")
        };
        return others.iter().map(line).collect();
    }
    let count: usize = others.iter().map(|(_, count)| count).sum();
    // A title in brackets follows the name.
    let names = others.iter().map(|(actor, _)| actor.split(' ').next());
    let names: Vec<&str> = names.flatten().collect();
    vec![format!(
        "{count} calls of others were not judged: `--actor` judges those of one of {}",
        names.join(", ")
    )]
}

fn summary(out: &mut String, checked: &Checked<'_>) {
    let report = checked.report;
    let required: Vec<&Judged> = report
        .requirements
        .iter()
        .filter(|it| it.call.strength == Strength::Required)
        .collect();
    let met = required
        .iter()
        .filter(|it| it.verdict == Verdict::Met)
        .count();
    let failing: Vec<&&Judged> = required.iter().filter(|it| it.blocks()).collect();
    let unknown = required
        .iter()
        .filter(|it| it.verdict == Verdict::Unknown)
        .count();
    let advised = report
        .requirements
        .iter()
        .filter(|it| it.call.strength != Strength::Required && it.verdict != Verdict::Met)
        .count();
    out.push('\n');
    let total = required.len();
    match failing.first() {
        Some(first) => {
            let phase = checked.profile.phase(&first.call.phase);
            let title = phase.map_or(first.call.phase.as_str(), |phase| &phase.title);
            let _ = writeln!(
                out,
                "NOT ENOUGH: {} of {total} required calls would be denied, the first in \"{title}\": {}",
                failing.len(),
                first.call.breaks
            );
        }
        None if unknown > 0 => {
            let _ = writeln!(
                out,
                "UNDECIDED: {met} of {total} required calls are allowed; {unknown} depend on facts that were not given"
            );
        }
        None if checked.refused_as_written => {
            let _ = writeln!(
                out,
                "NOT AS IT IS: AWS refuses a document, see the errors above; read as it is meant, all \
                 {total} required calls are allowed"
            );
        }
        None => {
            let _ = writeln!(out, "ENOUGH: all {total} required calls are allowed");
        }
    }
    if !failing.is_empty() && unknown > 0 {
        let _ = writeln!(out, "{unknown} more could not be decided");
    }
    if advised > 0 {
        let _ = writeln!(
            out,
            "{advised} recommended or optional calls are not allowed or not decided"
        );
    }
}
