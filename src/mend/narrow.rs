//! Removes what no requirement needs: statements, actions, wildcards, resources.
//!
//! Every request that a requirement needs is assigned to one statement that grants it, and each
//! statement is left what was assigned to it. What was no wider than the requirements stays byte
//! for byte, and so does every Deny. Narrowing is about identity policies: permissions boundaries
//! and session policies grant nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::ChangeKind;
use super::draft::{Draft, Standing, name};
use super::plan::{Plan, plan, write_statements};
use super::text::{At, Step};
use crate::check::{Verdict, layer_title};
use crate::evaluate::{Layer, Policies};
use crate::generate::Sentence;

/// Removes what nothing needs.
pub(super) fn narrow(draft: &mut Draft<'_>) {
    let allows = draft.allows(Layer::Identity);
    let is_required: Vec<bool> = allows
        .iter()
        .map(|it| draft.is_required(&it.statement))
        .collect();
    let assigned = assign(draft, &allows, &is_required);
    let idle = idle_documents(draft, &allows, &assigned);
    let mut plans = Vec::new();
    for (at, standing) in allows.iter().enumerate() {
        let place = (standing.text, standing.at.0);
        if idle.contains(&place) || is_required[at] && !assigned[at].is_empty() {
            continue;
        }
        if !standing.is_plain {
            draft.obstacles.insert(format!(
                "`{}` of `{}` allows more than is needed, and stands in a text inside the file, \
                 where it cannot be edited",
                name(&standing.statement, standing.at),
                draft.texts[standing.text].name,
            ));
            continue;
        }
        plans.extend(plan(draft, standing, &assigned[at]));
    }
    write_statements(draft, &mut plans);
    for (text, document) in idle {
        draft.texts[text].idle.insert(document);
    }
    carry_out(draft, plans);
}

/// Assigns every need that is met to a statement that grants it, those first that stay as they
/// are; what several grant only together is assigned to all of them.
fn assign(draft: &Draft<'_>, allows: &[Standing], is_required: &[bool]) -> Vec<Vec<usize>> {
    let own = draft.policies();
    let without = Policies {
        identity: Vec::new(),
        ..own.clone()
    };
    let mut order: Vec<usize> = (0..allows.len()).collect();
    order.sort_by_key(|at| !is_required[*at]);
    let mut assigned = vec![Vec::new(); allows.len()];
    for (number, need) in draft.needs.all.iter().enumerate() {
        let is_met = draft.needs.settle(need, &own).verdict == Verdict::Met;
        if is_met && draft.needs.settle(need, &without).verdict == Verdict::Met {
            continue;
        }
        let mut parts = Vec::new();
        let mut whole = None;
        for at in &order {
            match draft.grants(&allows[*at].statement, need) {
                Verdict::Met if is_met => {
                    whole = Some(*at);
                    break;
                }
                Verdict::NotMet => {}
                _ => parts.push(*at),
            }
        }
        match whole {
            Some(at) => assigned[at].push(number),
            None => parts.iter().for_each(|at| assigned[*at].push(number)),
        }
    }
    assigned
}

/// Returns the documents of which nothing is needed, Deny statements included: they cannot be left
/// empty, and are reported.
fn idle_documents(
    draft: &Draft<'_>,
    allows: &[Standing],
    assigned: &[Vec<usize>],
) -> BTreeSet<(usize, usize)> {
    let mut counts: BTreeMap<(usize, usize), (usize, usize)> = BTreeMap::new();
    for (standing, needs) in allows.iter().zip(assigned) {
        let count = counts.entry((standing.text, standing.at.0)).or_default();
        count.0 += 1;
        count.1 += usize::from(needs.is_empty());
    }
    let is_idle = |((text, document), (all, unneeded)): &((usize, usize), (usize, usize))| {
        let held = draft.texts[*text].held();
        let statements = held
            .get(*document)
            .map_or(0, |it| it.document.statements.len());
        all == unneeded && statements == *all
    };
    let idle = counts.into_iter().filter(is_idle);
    idle.map(|(place, _)| place).collect()
}

/// Makes the changes: first what makes documents shorter, so that there is room for the rest.
fn carry_out(draft: &mut Draft<'_>, plans: Vec<Plan>) {
    let mut gone: Vec<(usize, At)> = Vec::new();
    let mut left: Vec<(usize, At, Vec<Sentence>)> = Vec::new();
    let mut homeless: Vec<Sentence> = Vec::new();
    // From the end of each document, so that statements before keep their number.
    for plan in plans.into_iter().rev() {
        let Plan {
            place,
            kept,
            mut new,
            ..
        } = plan;
        let (text, at) = place;
        if !kept.is_empty() {
            if !draft.take(text, &Step::KeepActions(at, kept), at.0) {
                cannot_edit(draft, text);
            }
            left.push((text, at, new));
            continue;
        }
        let first = new.first().map(|it| it.statement.clone());
        if let Some(first) = first
            && draft.take(text, &Step::Replace(at, vec![first]), at.0)
        {
            draft.note_new(text, &new.remove(0), ChangeKind::Narrowed);
            left.push((text, at, new));
            continue;
        }
        homeless.splice(0..0, new);
        if draft.take(text, &Step::Remove(at), at.0) {
            gone.push((text, at));
        } else {
            cannot_edit(draft, text);
        }
    }
    left.reverse();
    let mut inserted: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut rest = Vec::new();
    for (text, at, new) in left {
        let before = |it: &&(usize, At)| it.0 == text && it.1.0 == at.0 && it.1.1 < at.1;
        let now = at.1 - gone.iter().filter(before).count();
        let count = inserted.entry((text, at.0)).or_default();
        for sentence in new {
            let step = Step::Insert(at.0, Some(now + *count), vec![sentence.statement.clone()]);
            if draft.take(text, &step, at.0) {
                *count += 1;
                draft.note_new(text, &sentence, ChangeKind::Narrowed);
            } else {
                rest.push(sentence);
            }
        }
    }
    rest.append(&mut homeless);
    for sentence in rest {
        if !draft.place(Layer::Identity, &sentence, ChangeKind::Narrowed) {
            let title = layer_title(Layer::Identity);
            draft
                .obstacles
                .insert(format!("there is no room for a statement in an {title}"));
        }
    }
}

fn cannot_edit(draft: &mut Draft<'_>, text: usize) {
    let name = draft.texts[text].name.clone();
    draft
        .obstacles
        .insert(format!("`{name}` could not be edited"));
}
