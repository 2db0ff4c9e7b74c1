//! Profiles as tables of text.

use super::{derived, everything};
use crate::profile::{Profile, Requirement, Strength, Targets, Until};

/// Returns what `profiles` prints.
pub(super) fn list_text(profiles: &[Profile]) -> String {
    let rows: Vec<Vec<String>> = profiles
        .iter()
        .map(|it| {
            let count = format!("{} requirements", it.requirements.len());
            vec![it.name.clone(), count, it.title.clone()]
        })
        .collect();
    let mut text = String::new();
    push_rows(&mut text, "", &rows);
    text
}

/// Returns what `profiles NAME` prints.
pub(super) fn profile_text(profile: &Profile) -> String {
    let mut text = format!("{}: {}\n{}\n", profile.name, profile.title, profile.summary);
    let source = &profile.source;
    let origin = [&source.publisher, &source.document, &source.revision];
    let origin: Vec<&str> = origin
        .into_iter()
        .map(String::as_str)
        .filter(|it| !it.is_empty())
        .collect();
    text += &format!("source: {}", origin.join(", "));
    if !source.retrieved.is_empty() {
        text += &format!(" (read {})", source.retrieved);
    }
    text.push('\n');
    push_requirements(&mut text, profile);
    push_must_nots(&mut text, profile);
    push_settings(&mut text, profile);
    push_notes(&mut text, profile);
    text
}

fn push_requirements(text: &mut String, profile: &Profile) {
    // Variables of a profile of one's own may lack values: then derived calls are not shown.
    let calls = profile.calls(&everything(profile)).unwrap_or_default();
    for phase in &profile.phases {
        *text += &format!("\n{} ({})", phase.title, phase.name);
        if let Some(until) = phase.until {
            *text += match until {
                Until::Bootstrap => ", needed until the cluster stands",
                Until::Steady => ", needed as long as the cluster runs",
                Until::Teardown => ", needed to remove it",
            };
        }
        text.push('\n');
        let mut rows = Vec::new();
        for requirement in profile
            .requirements
            .iter()
            .filter(|it| it.phase == phase.name)
        {
            rows.push(row(requirement));
            for call in derived(&calls, requirement) {
                let resources: Vec<&str> = call
                    .resources
                    .iter()
                    .map(|it| it.resource_type.as_str())
                    .collect();
                let id = format!("  by rule: {}", call.action);
                rows.push(vec![id, String::new(), resources.join(" + ")]);
            }
        }
        push_rows(text, "  ", &rows);
    }
}

fn row(requirement: &Requirement) -> Vec<String> {
    let uses: Vec<String> = requirement
        .targets
        .uses()
        .iter()
        .map(|it| it.written())
        .collect();
    let resources = match requirement.targets {
        Targets::None => "*".to_owned(),
        Targets::Together(_) => uses.join(" + "),
        Targets::Each(_) => format!("each of {}", uses.join(", ")),
    };
    let mut when = requirement.features().collect::<Vec<_>>().join(" and ");
    if requirement.strength != Strength::Required {
        when += &format!(", {}", requirement.strength.as_str());
    }
    if let Some(alternative) = &requirement.alternative {
        when += &format!(", one of `{alternative}`");
    }
    vec![
        requirement.id.clone(),
        requirement.action.clone(),
        resources,
        when,
        requirement.actor.clone(),
        requirement.tool.as_str().to_owned(),
    ]
}

fn push_must_nots(text: &mut String, profile: &Profile) {
    if profile.must_nots.is_empty() {
        return;
    }
    *text += "\nMust never be possible\n";
    let rows: Vec<Vec<String>> = profile
        .must_nots
        .iter()
        .map(|it| {
            let (id, class, title) = (it.id.clone(), it.class.id.to_owned(), it.title.clone());
            vec![id, class, it.feature.clone(), it.actor.clone(), title]
        })
        .collect();
    push_rows(text, "  ", &rows);
}

fn push_settings(text: &mut String, profile: &Profile) {
    if !profile.features.is_empty() {
        *text += "\nFeatures\n";
        let rows: Vec<Vec<String>> = profile
            .features
            .iter()
            .map(|it| {
                let default = if it.default { "on" } else { "off" };
                vec![it.name.clone(), default.to_owned(), it.description.clone()]
            })
            .collect();
        push_rows(text, "  ", &rows);
    }
    *text += "\nVariables\n";
    let rows: Vec<Vec<String>> = profile
        .variables
        .iter()
        .map(|it| {
            let default = match &it.default {
                None => "(to be given)".to_owned(),
                Some(values) if values.iter().all(String::is_empty) => "(empty)".to_owned(),
                Some(values) => values.join(", "),
            };
            vec![
                it.name.clone(),
                it.kind.word(),
                default,
                it.description.clone(),
            ]
        })
        .collect();
    push_rows(text, "  ", &rows);
    *text += "\nActors\n";
    let rows: Vec<Vec<String>> = profile
        .actors
        .iter()
        .map(|it| vec![it.name.clone(), it.title.clone(), it.principal.written()])
        .collect();
    push_rows(text, "  ", &rows);
}

fn push_notes(text: &mut String, profile: &Profile) {
    if !profile.documents.is_empty() {
        *text += "\nDocuments\n";
        let rows: Vec<Vec<String>> = profile
            .documents
            .iter()
            .map(|it| vec![it.file.clone(), it.kind.clone(), it.title.clone()])
            .collect();
        push_rows(text, "  ", &rows);
    }
    for omitted in &profile.omitted {
        let list = omitted.requirements.join(", ");
        *text += &format!(
            "\nLeft out of {}: {list}\n  {}\n",
            omitted.profile, omitted.reason
        );
    }
    if !profile.source.notes.is_empty() {
        *text += "\nNotes\n";
        for note in &profile.source.notes {
            *text += &format!("  - {note}\n");
        }
    }
}

/// Writes rows with their columns aligned; the last column is not padded.
fn push_rows(text: &mut String, indent: &str, rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter(|row| row.len() > column + 1)
            .map(|row| &row[column]);
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = indent.to_owned();
        for (cell, width) in row.iter().zip(&widths) {
            line += &format!("{cell:<width$}  ");
        }
        *text += line.trim_end();
        text.push('\n');
    }
}
