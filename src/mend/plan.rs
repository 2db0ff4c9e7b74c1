//! What becomes of each statement that allows more than is needed: actions that stay, and statements
//! that come in its place.
//!
//! Nothing here changes a text.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::add::with_actions;
use super::draft::{Draft, Standing, name, resource_texts, texts};
use super::text::At;
use super::{Change, ChangeKind};
use crate::evaluate::Layer;
use crate::generate::Sentence;
use crate::policy::{ActionPattern, Statement};

/// What becomes of a statement that does not stay as it is.
pub(super) struct Plan {
    /// The text, and where the statement stands in it.
    pub(super) place: (usize, At),
    /// Its actions that stay; none: it goes, or others come in its place.
    pub(super) kept: Vec<String>,
    /// What comes in its place, or after it.
    pub(super) new: Vec<Sentence>,
    statement: Statement,
    /// The conditions of the statement that hold for what is needed of it and are not required.
    own: Value,
    /// What has to be allowed in its place.
    atoms: BTreeSet<usize>,
    /// The actions that are needed of it, with their needs.
    used: BTreeMap<String, Vec<usize>>,
}

/// Decides what stays of a statement and what is needed in its place; none if that cannot be said.
pub(super) fn plan(draft: &mut Draft<'_>, standing: &Standing, needs: &[usize]) -> Option<Plan> {
    let statement = &standing.statement;
    let mut used: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for at in needs {
        let action = &draft.needs.all[*at].call.action;
        used.entry(action.clone()).or_default().push(*at);
    }
    let mut kept = Vec::new();
    let mut atoms = BTreeSet::new();
    for (action, own) in &used {
        let alone = with_actions(statement, std::slice::from_ref(action));
        if !statement.action.negated && draft.is_required(&alone) {
            kept.push(action.clone());
            continue;
        }
        for at in own {
            let of = draft.atoms_of(&draft.needs.all[*at]);
            if of.is_empty() {
                draft.obstacles.insert(format!(
                    "what `{}` needs cannot be told apart from what `{}` allows beside it",
                    draft.needs.all[*at].call.id,
                    name(statement, standing.at),
                ));
                return None;
            }
            atoms.extend(of);
        }
    }
    Some(Plan {
        place: (standing.text, standing.at),
        kept,
        new: Vec::new(),
        own: own_conditions(draft, statement, &atoms),
        statement: statement.clone(),
        atoms,
        used,
    })
}

/// Writes the statements that come in the places of others: for each by itself, or for several
/// together where that is shorter.
pub(super) fn write_statements(draft: &mut Draft<'_>, plans: &mut [Plan]) {
    for plan in plans.iter_mut() {
        plan.new = draft.statements(&plan.atoms, &mut BTreeSet::new());
    }
    let mut alike: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, plan) in plans.iter().enumerate() {
        if !plan.atoms.is_empty() {
            alike.entry(plan.own.to_string()).or_default().push(at);
        }
    }
    for group in alike.values().filter(|it| it.len() > 1) {
        write_together(draft, plans, group);
    }
    let mut taken = draft.sids(Layer::Identity);
    for plan in plans.iter().filter(|it| it.kept.is_empty()) {
        taken.retain(|it| {
            plan.statement
                .sid
                .as_ref()
                .is_none_or(|own| *own.text != **it)
        });
    }
    for plan in plans.iter_mut() {
        name_statements(plan, &mut taken);
    }
    for plan in plans.iter() {
        note(draft, plan);
    }
}

/// Returns the conditions of a statement, without those by an operator and on a key by which
/// everything that is needed of it is limited anyway.
fn own_conditions(draft: &Draft<'_>, statement: &Statement, atoms: &BTreeSet<usize>) -> Value {
    let mut block = json!({});
    for condition in &statement.conditions {
        let operator = &*condition.operator_text.text;
        let key = &*condition.key_text.text;
        let is_told = atoms.iter().all(|at| {
            let mut all = draft.atoms[*at].conditions.keys();
            all.any(|it| it.operator == operator && it.key.eq_ignore_ascii_case(key))
        });
        if is_told {
            continue;
        }
        let values = condition.values.iter();
        let values: Vec<&str> = values.map(|it| it.template.text()).collect();
        block[operator][key] = match values.as_slice() {
            [one] => json!(one),
            many => json!(many),
        };
    }
    block
}

/// Merges what comes in the places of several statements, if that is shorter and leaves something
/// in each document. Each new statement goes where most of its actions were.
fn write_together(draft: &Draft<'_>, plans: &mut [Plan], group: &[usize]) {
    let mut atoms: BTreeSet<usize> = BTreeSet::new();
    for at in group {
        atoms.extend(&plans[*at].atoms);
    }
    let together = draft.statements(&atoms, &mut BTreeSet::new());
    let length =
        |all: &[Sentence]| -> usize { all.iter().map(|it| it.statement.to_string().len()).sum() };
    let apart: usize = group.iter().map(|at| length(&plans[*at].new)).sum();
    if length(&together) >= apart {
        return;
    }
    let mut shared: BTreeMap<usize, Vec<Sentence>> = BTreeMap::new();
    for sentence in together {
        let actions = texts(&sentence.statement["Action"]);
        let in_common = |at: &usize| {
            let plan = &plans[*at];
            let own = plan.atoms.iter().map(|it| &draft.atoms[*it]);
            let is_of = |it: &crate::generate::Source| sentence.requirements.contains(&it.id);
            own.filter(|it| actions.contains(&it.action) && it.sources.iter().any(is_of))
                .count()
        };
        // The first of the best.
        let best = group.iter().rev().max_by_key(|at| in_common(at));
        if let Some(best) = best {
            shared.entry(*best).or_default().push(sentence);
        }
    }
    let documents: BTreeSet<(usize, usize)> = plans.iter().map(document).collect();
    let is_left = |document_of: &(usize, usize)| {
        let (text, at) = *document_of;
        let held = draft.texts[text].held();
        let statements = held.get(at).map_or(0, |it| it.document.statements.len());
        let of = plans.iter().enumerate();
        let of = of.filter(|(_, it)| document(it) == *document_of);
        let goes = of.filter(|(number, it)| {
            let is_new = match group.contains(number) {
                true => shared.contains_key(number),
                false => !it.new.is_empty(),
            };
            it.kept.is_empty() && !is_new
        });
        goes.count() < statements
    };
    if documents.iter().all(is_left) {
        for at in group {
            plans[*at].new = shared.remove(at).unwrap_or_default();
        }
    }
}

const fn document(plan: &Plan) -> (usize, usize) {
    (plan.place.0, plan.place.1.0)
}

/// Names new statements after those whose place they take, and keeps the conditions of those.
fn name_statements(plan: &mut Plan, taken: &mut BTreeSet<String>) {
    let sid = plan.statement.sid.as_ref().map(|it| it.text.to_string());
    let is_one = plan.new.len() == 1 && plan.kept.is_empty();
    for sentence in &mut plan.new {
        let made = sentence.statement["Sid"].as_str().unwrap_or_default();
        let name = match &sid {
            Some(own) if is_one => unique(own, taken),
            Some(own) if own.ends_with(made) || made.starts_with(own.as_str()) => {
                let longer = if own.len() > made.len() { own } else { made };
                unique(longer, taken)
            }
            Some(own) => unique(&format!("{own}{made}"), taken),
            None => unique(made, taken),
        };
        sentence.statement["Sid"] = json!(name);
        keep_conditions(&plan.own, &mut sentence.statement);
    }
}

/// Adds a number to a name that is in use.
fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut unique = name.to_owned();
    let mut count = 1;
    while !taken.insert(unique.clone()) {
        count += 1;
        unique = format!("{name}{count}");
    }
    unique
}

/// Adds conditions to those of a statement that says nothing by the same operator about the same
/// key.
fn keep_conditions(own: &Value, new: &mut Value) {
    for (operator, keys) in own.as_object().into_iter().flatten() {
        for (key, values) in keys.as_object().into_iter().flatten() {
            let block = new["Condition"][operator].as_object();
            let mut known = block.into_iter().flat_map(|it| it.keys());
            if !known.any(|it| it.eq_ignore_ascii_case(key)) {
                new["Condition"][operator][key] = values.clone();
            }
        }
    }
}

fn note(draft: &mut Draft<'_>, plan: &Plan) {
    let (statement, used, kept) = (&plan.statement, &plan.used, &plan.kept);
    let (text, at) = plan.place;
    let name = name(statement, at);
    let is_used = |pattern: &&ActionPattern| {
        let mut used = used.keys();
        let any = used.any(|it| pattern.matches(it, &it.to_ascii_lowercase()));
        any || statement.action.negated
    };
    let written = |patterns: Vec<&ActionPattern>| -> Vec<String> {
        patterns.iter().map(|it| it.text.to_string()).collect()
    };
    let (needed, unused): (Vec<_>, Vec<_>) = statement.action.patterns.iter().partition(is_used);
    let wild = needed.into_iter().filter(|it| it.has_wildcard());
    let (unused, wild) = (written(unused), written(wild.collect()));
    let change = |kind, actions, resources, needs| Change {
        kind,
        statement: name.clone(),
        actions,
        resources,
        needs,
    };
    let resources = resource_texts(statement);
    let mut changes = Vec::new();
    if used.is_empty() {
        let actions = statement.action.patterns.iter();
        let actions = actions.map(|it| it.text.to_string()).collect();
        changes.push(change(
            ChangeKind::RemovedStatement,
            actions,
            resources,
            Vec::new(),
        ));
    } else {
        if !unused.is_empty() {
            changes.push(change(
                ChangeKind::RemovedActions,
                unused,
                Vec::new(),
                Vec::new(),
            ));
        }
        if !wild.is_empty() || statement.action.negated {
            changes.push(change(ChangeKind::TookApart, wild, Vec::new(), Vec::new()));
        }
        if kept.is_empty() && plan.new.is_empty() {
            let needs: Vec<usize> = used.values().flatten().copied().collect();
            let actions = used.keys().cloned().collect();
            let needs = draft.references(&needs);
            changes.push(change(ChangeKind::MovedActions, actions, Vec::new(), needs));
        }
        if !kept.is_empty() {
            let needs: Vec<usize> = kept.iter().flat_map(|it| &used[it]).copied().collect();
            let needs = draft.references(&needs);
            changes.push(change(ChangeKind::Kept, kept.to_vec(), resources, needs));
        }
    }
    let changes = changes.into_iter().map(|it| (text, it));
    draft.changes.extend(changes);
}
