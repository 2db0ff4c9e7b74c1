//! Tells ways out that no policy can close from all others: those of `[[impossible]]` rows.
//!
//! A way out counts as such only if it is of the row's class and takes one of the row's actions.
//! Whether that is all is asked again without these actions: what is then still found, or still
//! open, is held against the access like anything else, so that no way hides behind another of the
//! same sort.

use crate::check::{self, Beside, Input};
use crate::evaluate::Policies;
use crate::isolation::{Escape, Open, Report, Verdict};
use crate::policy::{Document, Kind, written};
use crate::profile::{Impossible, SettingError};

/// A weakness that no policy can close, with the ways in which it is reached.
#[derive(Clone, Debug)]
pub struct Held {
    /// What is known of it.
    pub row: Impossible,
    /// The ways out.
    pub escapes: Vec<Escape>,
    /// Questions that are open only because of its actions.
    pub open: Vec<Open>,
}

/// What came of the search.
pub(super) struct Isolation {
    /// What is held against the access.
    pub(super) report: Report,
    /// What is not.
    pub(super) held: Vec<Held>,
}

/// Looks for ways beyond the access; none where no policy was given.
///
/// # Errors
///
/// Everything that is wrong with the settings.
pub(super) fn isolation(
    input: &Input<'_>,
    beside: Beside<'_>,
) -> Result<Option<Isolation>, Vec<SettingError>> {
    let Some(found) = check::isolation(input, beside, false)? else {
        return Ok(None);
    };
    let rows: Vec<&Impossible> = input.profile.impossible(input.settings).collect();
    if found.verdict == Verdict::Isolated || rows.is_empty() {
        let held = Vec::new();
        return Ok(Some(Isolation {
            report: found,
            held,
        }));
    }
    let Some(rest) = without(&rows, input, beside)? else {
        return Ok(None);
    };
    Ok(Some(divide(&rows, found, rest)))
}

/// Looks again with every action of the rows denied.
fn without(
    rows: &[&Impossible],
    input: &Input<'_>,
    beside: Beside<'_>,
) -> Result<Option<Report>, Vec<SettingError>> {
    let actions = rows.iter().flat_map(|it| &it.actions);
    let actions: Vec<&str> = actions.map(|it| it.text.as_str()).collect();
    let deny = |kind| {
        let policy = serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Deny", "Action": actions, "Resource": "*"}],
        });
        written(&policy.to_string(), kind)
    };
    let denied = |documents: &[Document], kind| -> Vec<Document> {
        let mut documents = documents.to_vec();
        for document in &mut documents {
            document.statements.extend(deny(kind).statements);
        }
        documents
    };
    let policies = Policies {
        identity: denied(&input.policies.identity, Kind::Identity),
        boundary: input
            .policies
            .boundary
            .as_ref()
            .map(|it| denied(it, Kind::Boundary)),
        ..input.policies.clone()
    };
    let workload_boundaries = denied(beside.workload_boundaries, Kind::Boundary);
    let input = Input {
        policies: &policies,
        ..*input
    };
    let beside = Beside {
        workload_boundaries: &workload_boundaries,
        ..beside
    };
    check::isolation(&input, beside, false)
}

/// Divides what was found into what no policy can close and what is held against the access.
fn divide(rows: &[&Impossible], found: Report, mut rest: Report) -> Isolation {
    let mut held: Vec<Held> = rows
        .iter()
        .map(|row| Held {
            row: (*row).clone(),
            escapes: Vec::new(),
            open: Vec::new(),
        })
        .collect();
    let is_by = |row: &Impossible, escape: &Escape| {
        escape.class == row.class.id && escape.steps.iter().any(|it| row.names(&it.action))
    };
    for escape in found.escapes {
        match held.iter_mut().find(|it| is_by(&it.row, &escape)) {
            Some(known) => known.escapes.push(escape),
            None => {
                let same = |it: &Escape| it.title == escape.title && it.class == escape.class;
                if !rest.escapes.iter().any(same) {
                    rest.escapes.push(escape);
                }
            }
        }
    }
    held.retain(|it| !it.escapes.is_empty());
    // A question that does not stand without the actions is theirs; where no way of the class is
    // found, nothing says that it is of the class.
    let known = rest.open.clone();
    let theirs = found.open.into_iter().filter(|it| !known.contains(it));
    match held.first_mut() {
        Some(first) => first.open.extend(theirs),
        None => rest.open.extend(theirs),
    }
    rest.verdict = match (rest.escapes.is_empty(), rest.open.is_empty()) {
        (false, _) => Verdict::Escapes,
        (true, true) => Verdict::Isolated,
        (true, false) => Verdict::Unknown,
    };
    Isolation { report: rest, held }
}
