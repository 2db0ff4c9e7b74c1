//! The report for people: the changes of each file, what stays open, figures, the proof in short.

use std::fmt::Write as _;

use super::{Mending, Outcome};
use crate::check::{headline, layer_title};
use crate::mend::{Change, ChangeKind, Changed, Claim, Open, Reference};
use crate::policy::quotas::grouped;
use crate::report::text::{Options, findings, visible};
use crate::source::Sources;

/// How many requirements, actions or resources a line names before it counts the rest.
const NAMED: usize = 3;

/// Returns the report.
#[must_use]
pub fn text(mending: &Mending<'_>, options: Options) -> String {
    let mut out = String::new();
    let profile = mending.profile;
    let _ = writeln!(out, "{}: {}", profile.name, profile.title);
    let notes: Vec<_> = mending
        .unread
        .iter()
        .chain(mending.findings)
        .cloned()
        .collect();
    if !notes.is_empty() {
        let _ = write!(out, "\n{}", findings(mending.sources, &notes, options));
    }
    let mended = mending.mended;
    for changed in &mended.files {
        file(&mut out, changed);
    }
    for name in &mended.idle {
        let _ = writeln!(
            out,
            "\n{}: nothing needs it: detach it; what follows is of the rest",
            visible(name)
        );
    }
    if !mended.open.is_empty() {
        let _ = writeln!(out, "\nstill not met");
        for it in &mended.open {
            open(&mut out, it, &mended.sources);
        }
    }
    for obstacle in &mended.obstacles {
        let _ = writeln!(out, "\ncould not: {}", visible(obstacle));
    }
    figures(&mut out, mending);
    proof(&mut out, mending);
    summary(&mut out, mending);
    out
}

fn file(out: &mut String, changed: &Changed) {
    let new = if changed.before.is_none() {
        ", new"
    } else {
        ""
    };
    let title = layer_title(changed.layer);
    let _ = writeln!(out, "\n{} ({title}{new})", visible(&changed.name));
    for it in &changed.changes {
        change(out, it);
    }
}

fn change(out: &mut String, change: &Change) {
    let statement = visible(&change.statement);
    let actions = named(&change.actions);
    let on = named(&change.resources);
    let _ = match change.kind {
        ChangeKind::AddedActions => writeln!(out, "  + {actions} to `{statement}`, on {on}"),
        ChangeKind::AddedStatement => {
            writeln!(
                out,
                "  + {actions} in a new statement `{statement}`, on {on}"
            )
        }
        ChangeKind::RemovedActions => {
            writeln!(out, "  - {actions} from `{statement}`: nothing needs it")
        }
        ChangeKind::TookApart => match change.actions.is_empty() {
            true => writeln!(
                out,
                "  - `NotAction` of `{statement}`: what is needed is named"
            ),
            false => writeln!(
                out,
                "  - {actions} from `{statement}`: what is needed is named"
            ),
        },
        ChangeKind::MovedActions => {
            writeln!(
                out,
                "  - `{statement}`: {actions} in other statements from here on"
            )
        }
        ChangeKind::RemovedStatement => {
            writeln!(out, "  - `{statement}` with {actions}: nothing needs it")
        }
        ChangeKind::Kept => writeln!(out, "  = {actions} in `{statement}`, on {on}"),
        ChangeKind::Narrowed => writeln!(out, "  ~ {actions} in `{statement}`, on {on}"),
    };
    if !change.needs.is_empty() {
        let _ = writeln!(out, "      for {}", references(&change.needs));
    }
}

/// Names requirements by phase.
fn references(needs: &[Reference]) -> String {
    let mut phases: Vec<(&str, Vec<String>)> = Vec::new();
    for need in needs {
        match phases.iter_mut().find(|(phase, _)| *phase == need.phase) {
            Some((_, ids)) => ids.push(need.id.clone()),
            None => phases.push((&need.phase, vec![need.id.clone()])),
        }
    }
    let rest = phases.len().saturating_sub(NAMED);
    let phases = phases.iter().take(NAMED);
    let mut text: Vec<String> = phases
        .map(|(phase, ids)| format!("{} ({phase})", named(ids)))
        .collect();
    if rest > 0 {
        text.push(format!("and in {rest} more phases"));
    }
    text.join(", ")
}

fn named(texts: &[String]) -> String {
    let rest = texts.len().saturating_sub(NAMED);
    let shown = texts.len() - rest;
    let shown: Vec<String> = texts[..shown]
        .iter()
        .map(|it| visible(it).into_owned())
        .collect();
    let shown = shown.join(", ");
    match rest {
        0 => shown,
        _ => format!("{shown} and {rest} more"),
    }
}

fn open(out: &mut String, open: &Open, sources: &Sources) {
    let judged = &open.judged;
    let _ = writeln!(out, "  {}: {}", judged.call.id, visible(&headline(judged)));
    let near = judged.reason.as_ref().and_then(|it| it.near.as_ref());
    if let Some((near, file)) = near.and_then(|it| Some((it, it.file?))) {
        let location = crate::source::Location {
            file,
            span: near.span,
        };
        let name = crate::policy::statement_name(near.sid.as_deref(), near.statement);
        let _ = writeln!(
            out,
            "      {name} in {}:{}",
            visible(&sources.get(file).name),
            sources.line_column(location).line
        );
    }
    let _ = writeln!(out, "      {}", open.who);
}

fn figures(out: &mut String, mending: &Mending<'_>) {
    let (before, after) = (&mending.mended.before, &mending.mended.after);
    let (all, required) = mending.requirements;
    let rows = [
        ("actions allowed", before.actions, after.actions, None),
        ("characters", before.characters, after.characters, None),
        ("documents", before.documents, after.documents, None),
        ("requirements met", before.met, after.met, Some(all)),
        (
            "required ones met",
            before.required_met,
            after.required_met,
            Some(required),
        ),
    ];
    out.push('\n');
    for (title, before, after, of) in rows {
        let of = of.map(|it| format!(" of {it}")).unwrap_or_default();
        let change = match before == after {
            true => grouped(after),
            false => format!("{} -> {}", grouped(before), grouped(after)),
        };
        let _ = writeln!(out, "{title:<18} {change}{of}");
    }
}

fn proof(out: &mut String, mending: &Mending<'_>) {
    out.push('\n');
    for (text, claim) in mending.mended.proof.claims() {
        let _ = match claim {
            Claim::Proven => writeln!(out, "proven:   {text}"),
            Claim::Refuted(example) => {
                writeln!(out, "NOT SO:   {text}\n          {}", visible(example))
            }
            Claim::Open(reason) => {
                writeln!(out, "unknown:  {text}\n          {}", visible(reason))
            }
        };
    }
}

fn summary(out: &mut String, mending: &Mending<'_>) {
    let mended = mending.mended;
    let open = match mended.open.len() {
        0 => "everything that is wanted is met".to_owned(),
        count => format!("{count} still not met"),
    };
    let new = mended.files.iter().filter(|it| it.before.is_none());
    let new: Vec<String> = new.map(|it| format!("`{}`", visible(&it.name))).collect();
    let _ = match mending.outcome {
        Outcome::Unchanged => writeln!(out, "\nNOTHING TO CHANGE: {open}"),
        Outcome::Written => writeln!(out, "\nWRITTEN: {open}"),
        Outcome::Shown => writeln!(out, "\nNOT WRITTEN, as asked: with these changes {open}"),
        Outcome::Unproven => {
            writeln!(out, "\nNOT WRITTEN: what is not proven is not written")
        }
        Outcome::NeedsNewFiles => writeln!(
            out,
            "\nNOT WRITTEN: it does not fit into the files given here; `--new-files` writes {} \
             beside them",
            new.join(" and ")
        ),
    };
}
