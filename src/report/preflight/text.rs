//! The report for people: whose credential it is, one line a phase, all gaps at once, what nobody
//! knows and who can settle it, and the verdict last.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Shown;
use crate::account::Unread;
use crate::check::{Judged, Verdict, finding, headline};
use crate::isolation;
use crate::preflight::{Report, Row, Rung, Trust};
use crate::profile::{Phase, Strength};
use crate::report::isolation::ways_out;
use crate::report::text::{Options, findings, visible};

/// Requirements that are named for each reason for which something is not known.
const NAMED: usize = 6;

/// Ways out that are named where nobody asked for isolation.
const FEW: usize = 3;

/// Returns the report.
#[must_use]
pub fn text(shown: &Shown<'_>, options: Options) -> String {
    let mut out = String::new();
    head(&mut out, shown);
    phases(&mut out, shown);
    gaps(&mut out, shown, options);
    unknown(&mut out, shown);
    door(&mut out, shown.report.trust.as_ref());
    regions(&mut out, shown.report);
    quotas(&mut out, shown.report);
    ways(&mut out, shown);
    opinions(&mut out, shown.report);
    unread(&mut out, shown.report);
    assumed(&mut out, shown.report);
    verdict(&mut out, shown);
    out
}

fn head(out: &mut String, shown: &Shown<'_>) {
    let report = shown.report;
    let identity = &report.identity;
    let caller = &identity.caller;
    let _ = writeln!(out, "{}: {}", shown.profile.name, shown.profile.title);
    let _ = writeln!(
        out,
        "credential: {} {} in account {}",
        identity.kind.as_str(),
        caller.arn,
        caller.account
    );
    if let Some(note) = identity.note() {
        let _ = writeln!(out, "            {note}");
    }
    let rungs: Vec<String> = report
        .rungs()
        .map(|(rung, count)| format!("{} {count}", rung.as_str()))
        .collect();
    let _ = writeln!(out, "evidence:   {}", rungs.join(", "));
    if !report.complete {
        let _ = writeln!(out, "policies:   not all of them could be read");
    } else {
        let _ = writeln!(
            out,
            "policies:   as {} read them at {}",
            report.snapshot.caller.arn, report.snapshot.taken
        );
    }
    out.push('\n');
}

/// Requirements with the evidence of their verdicts.
fn rows<'a>(shown: &'a Shown<'_>) -> impl Iterator<Item = (&'a Judged, &'a Row)> {
    let report = shown.report;
    report.check.requirements.iter().zip(&report.rows)
}

fn in_phase<'a>(
    shown: &'a Shown<'_>,
    phase: &'a Phase,
) -> impl Iterator<Item = (&'a Judged, &'a Row)> {
    rows(shown).filter(|(judged, _)| judged.call.phase == phase.name)
}

fn phases(out: &mut String, shown: &Shown<'_>) {
    let phases = shown.profile.phases.iter();
    let phases = phases.filter(|it| in_phase(shown, it).next().is_some());
    let width = phases.clone().map(|it| it.title.chars().count()).max();
    for phase in phases {
        let all: Vec<&Judged> = in_phase(shown, phase).map(|(judged, _)| judged).collect();
        let met = all.iter().filter(|it| it.verdict == Verdict::Met).count();
        let fails = all.iter().filter(|it| it.blocks()).count();
        let is_open = |it: &&&Judged| {
            it.verdict == Verdict::Unknown && it.call.strength == Strength::Required
        };
        let unknown = all.iter().filter(is_open).count();
        let mark = match (fails, unknown) {
            (0, 0) => "ok  ",
            (0, _) => "?   ",
            _ => "FAIL",
        };
        let mut rest = String::new();
        if fails > 0 {
            let _ = write!(rest, "; {fails} denied");
        }
        if unknown > 0 {
            let _ = write!(rest, "; {unknown} unknown");
        }
        let _ = writeln!(
            out,
            "  {mark}  {:<width$}  {met} of {} met{rest}{}",
            phase.title,
            all.len(),
            begins(phase),
            width = width.unwrap_or_default(),
        );
    }
}

/// Says when a phase begins, where the profile knows.
fn begins(phase: &Phase) -> String {
    match phase.minute {
        Some(minute) => format!(" (from about minute {minute})"),
        None => String::new(),
    }
}

fn gaps(out: &mut String, shown: &Shown<'_>, options: Options) {
    for phase in &shown.profile.phases {
        let is_gap = |(judged, _): &(&Judged, &Row)| {
            matches!(judged.verdict, Verdict::NotMet | Verdict::PartlyMet)
        };
        let gaps: Vec<_> = in_phase(shown, phase).filter(is_gap).collect();
        if gaps.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n{}{}", phase.title, begins(phase));
        let is_drawn = |judged: &Judged| {
            let near = judged.reason.as_ref().and_then(|it| it.near.as_ref());
            near.is_some_and(|it| it.file.is_some())
        };
        let drawn: Vec<_> = gaps
            .iter()
            .filter(|(judged, _)| is_drawn(judged))
            .map(|(judged, _)| finding(judged, shown.fallback))
            .collect();
        if !drawn.is_empty() {
            let text = findings(&shown.report.sources, &drawn, options);
            out.push_str(text.trim_end_matches('\n'));
            out.push('\n');
        }
        for (judged, row) in gaps.iter().filter(|(judged, _)| !is_drawn(judged)) {
            gap(out, judged, row, shown);
        }
    }
}

fn gap(out: &mut String, judged: &Judged, row: &Row, shown: &Shown<'_>) {
    let strength = match judged.call.strength {
        Strength::Required => "",
        other => other.as_str(),
    };
    let strength = match strength {
        "" => String::new(),
        word => format!(" ({word})"),
    };
    let words = match &row.words {
        Some(words) => format!(": {}", visible(words)),
        None => String::new(),
    };
    let _ = writeln!(
        out,
        "- {}{strength}{words} [{}]",
        headline(judged),
        row.rung.as_str()
    );
    let finding = finding(judged, shown.fallback);
    if !finding.why.is_empty() {
        let _ = writeln!(out, "  otherwise: {}", finding.why);
    }
    if !finding.help.is_empty() {
        let _ = writeln!(out, "  help: {}", finding.help);
    }
}

/// Groups what is not known by the reason.
fn unknown(out: &mut String, shown: &Shown<'_>) {
    let mut groups: BTreeMap<String, Vec<&Judged>> = BTreeMap::new();
    for (judged, row) in rows(shown).filter(|(judged, _)| judged.verdict == Verdict::Unknown) {
        groups
            .entry(why_open(judged, row))
            .or_default()
            .push(judged);
    }
    if groups.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nNot known");
    for (why, judged) in groups {
        let mut actions: Vec<&str> = judged.iter().map(|it| it.call.action.as_str()).collect();
        actions.sort_unstable();
        actions.dedup();
        let more = actions.len().saturating_sub(NAMED);
        actions.truncate(NAMED);
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more actions"),
        };
        let _ = writeln!(
            out,
            "  {} requirements: {}\n    {}{more}",
            judged.len(),
            visible(&why),
            actions.join(", ")
        );
    }
    let report = shown.report;
    if report.unsent > 0 {
        let _ = writeln!(
            out,
            "  Requests that cannot succeed, such as dry runs of EC2, would settle {} of them: \
             `--probe-writes` sends them.",
            report.unsent
        );
    }
    if !report.complete {
        out.push_str(
            "  To settle it: let an administrator read the policies with `--reader-profile NAME`, or \
             grant the credential\n  what `rolecall preflight --print-permissions` lists under \
             \"read-self\".\n",
        );
    }
    if !report.limits_read {
        out.push_str(
            "  `organizations:DescribeOrganization` would tell whether there is an organization at all; \
             `--no-organization` vouches\n  for it that there is none.\n  To settle what the organization limits: its administrator runs `rolecall snapshot \
             --organization --account ID\n  --out org.json` and you add `--organization-snapshot \
             org.json`.\n",
        );
    }
}

fn why_open(judged: &Judged, row: &Row) -> String {
    if let Some(words) = &row.words {
        return words.clone();
    }
    let text = headline(judged);
    match text.split_once(" cannot be decided: ") {
        Some((_, why)) => why.to_owned(),
        None => "the policies of the principal could not be read".to_owned(),
    }
}

fn door(out: &mut String, trust: Option<&Trust>) {
    let Some(trust) = trust else {
        return;
    };
    let _ = writeln!(out, "\nTrust of {}", trust.role);
    for attempt in &trust.attempts {
        let mark = match attempt.good {
            Some(true) => "ok  ",
            Some(false) => "FAIL",
            None => "?   ",
        };
        let answer = match &attempt.answer {
            None => "a session was given".to_owned(),
            Some(unread) => match unread.code.as_str() {
                "" => unread.message.clone(),
                code => format!("{code}: {}", unread.message),
            },
        };
        let _ = writeln!(
            out,
            "  {mark}  with {}: {}",
            attempt.given.as_str(),
            visible(&answer)
        );
    }
}

fn regions(out: &mut String, report: &Report) {
    let off: Vec<_> = report
        .regions
        .iter()
        .filter(|it| it.enabled != Some(true))
        .collect();
    if off.is_empty() {
        return;
    }
    out.push_str("\nRegions\n");
    for region in off {
        let state = match region.enabled {
            Some(_) => "is not enabled for this account: enable it under \"AWS Regions\" first",
            None => "may be enabled or not: `ec2:DescribeRegions` was not answered",
        };
        let _ = writeln!(out, "  {} {state}", region.name);
    }
}

/// How much of each is in use is not known, so the limits are only told.
fn quotas(out: &mut String, report: &Report) {
    if report.quotas.is_empty() {
        return;
    }
    out.push_str("\nQuotas (what is in use already was not counted)\n");
    for quota in &report.quotas {
        let (title, region, code) = (quota.title, &quota.region, quota.code);
        let _ = writeln!(out, "  {title} in {region}: {} ({code})", quota.limit);
    }
}

fn ways(out: &mut String, shown: &Shown<'_>) {
    out.push_str("\nIsolation\n");
    match &shown.report.isolation {
        Some(isolation)
            if shown.isolation_required || isolation.verdict == isolation::Verdict::Isolated =>
        {
            out.push_str(&ways_out(isolation, &shown.report.sources));
        }
        Some(isolation) => {
            let _ = writeln!(
                out,
                "  {}: {} ways beyond this access, such as:",
                shown.report.isolation_word(),
                isolation.escapes.len(),
            );
            for escape in isolation.escapes.iter().take(FEW) {
                let _ = writeln!(
                    out,
                    "    {}: {}",
                    visible(&escape.title),
                    visible(&escape.gain)
                );
            }
            out.push_str("  `--require isolated` shows all of them, and fails over them\n");
        }
        None => out.push_str("  unknown: it needs the texts of every policy\n"),
    }
}

fn opinions(out: &mut String, report: &Report) {
    if report.opinions.is_empty() {
        return;
    }
    out.push_str("\nAWS's opinion (IAM Access Analyzer; one document at a time)\n");
    for opinion in &report.opinions {
        let _ = writeln!(out, "  {}", visible(&opinion.document));
        for remark in &opinion.remarks {
            let _ = writeln!(
                out,
                "    {} {}: {}",
                visible(&remark.finding_type),
                visible(&remark.issue_code),
                visible(&remark.details)
            );
        }
        let grants = match opinion.grants {
            Some(true) => "grants access by which the vendor can become another user",
            Some(false) => "grants no access by which the vendor can become another user",
            None => "whether the vendor can become another user was not answered",
        };
        let _ = writeln!(out, "    {grants}");
        for line in opinion.disagreements() {
            let _ = writeln!(out, "    DISAGREEMENT: {line}");
        }
    }
}

fn unread(out: &mut String, report: &Report) {
    let all = report.snapshot.unread.iter().chain(&report.unasked);
    let lines: Vec<String> = all.map(Unread::words).collect();
    if lines.is_empty() {
        return;
    }
    out.push_str("\nNot read\n");
    for line in lines {
        let _ = writeln!(out, "  {}", visible(&line));
    }
}

fn assumed(out: &mut String, report: &Report) {
    if report.check.assumptions.is_empty() {
        return;
    }
    out.push_str("\nAssumed\n");
    for line in &report.check.assumptions {
        let _ = writeln!(out, "  {line}");
    }
}

fn verdict(out: &mut String, shown: &Shown<'_>) {
    let report = shown.report;
    let required: Vec<(&Judged, &Row)> = rows(shown)
        .filter(|(judged, _)| judged.call.strength == Strength::Required)
        .collect();
    let total = required.len();
    let denied: Vec<&Judged> = required
        .iter()
        .map(|(judged, _)| *judged)
        .filter(|it| it.blocks())
        .collect();
    let open = required.iter().filter(|(_, row)| row.rung == Rung::Unknown);
    let open = open.count();
    out.push('\n');
    if let Some(first) = denied.first() {
        let phase = shown.profile.phase(&first.call.phase);
        let (title, begins) = phase.map_or(("", String::new()), |it| (&it.title, begins(it)));
        let _ = writeln!(
            out,
            "NOT READY: {} of {total} required calls would be denied, the first in \
             \"{title}\"{begins}: {}",
            denied.len(),
            first.call.breaks
        );
    } else if report.fails() {
        out.push_str("NOT READY: see above\n");
    } else if !report.is_ready() {
        let _ = writeln!(
            out,
            "NOT KNOWN: {} of {total} required calls are certainly allowed, and {open} could not be \
             decided",
            total - open
        );
    } else {
        let _ = writeln!(out, "READY: all {total} required calls are allowed");
    }
    if shown.isolation_required && report.isolation_word() != "isolated" {
        let _ = writeln!(
            out,
            "and isolation is required, which is: {}",
            report.isolation_word()
        );
    }
}
