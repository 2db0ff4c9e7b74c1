//! Adds what is missing: to the statement where a person would add it, if nothing beyond the
//! requirements is allowed by that, else in statements of its own.
//!
//! Explicit denies are never touched, and only identity policies, permissions boundaries and
//! session policies are added to: what another layer withholds stays open.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, LAYERS, Standing, name, names_of_service, resource_texts};
use super::text::{Step, Text};
use super::{Change, ChangeKind};
use crate::check::{Report, Verdict};
use crate::evaluate::{Decision, Layer, Policies, decide};
use crate::policy::{Document, Effect, Statement};

/// How often it is looked again for what another layer withholds.
const ROUNDS: usize = 4;

/// Adds what the requirements of these ids lack.
pub(super) fn add(draft: &mut Draft<'_>, wanted: &BTreeSet<String>) {
    for _ in 0..ROUNDS {
        let own = draft.policies();
        let missing = missing(draft, wanted, &own);
        if missing.is_empty() {
            return;
        }
        let before = draft.changes.len();
        for (layer, needs) in missing {
            Adding { draft, layer }.add(needs);
        }
        if draft.changes.len() == before {
            return;
        }
    }
}

/// Returns the requirements to be met whose verdict is not.
pub(super) fn wanted(
    report: &Report,
    counts: impl Fn(&crate::check::Judged) -> bool,
) -> BTreeSet<String> {
    let mut wanted = BTreeSet::new();
    // Of alternatives in one phase the first is enough.
    let mut chosen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for judged in &report.requirements {
        if judged.verdict == Verdict::Met || !counts(judged) {
            continue;
        }
        if let Some(group) = &judged.call.alternative {
            let own = judged.call.requirement;
            let first = chosen.entry((&judged.call.phase, group)).or_insert(own);
            if *first != own {
                continue;
            }
        }
        wanted.insert(judged.call.id.clone());
    }
    wanted
}

/// Returns the needs that a layer withholds; requirements that no addition can meet are given up.
fn missing(
    draft: &mut Draft<'_>,
    wanted: &BTreeSet<String>,
    own: &Policies,
) -> Vec<(Layer, Vec<usize>)> {
    let has_text = |layer: &Layer| draft.can_edit(*layer);
    let open: Vec<Layer> = LAYERS.into_iter().filter(has_text).collect();
    let mut given_up = std::mem::take(&mut draft.given_up);
    let mut found: Vec<(usize, Vec<Layer>)> = Vec::new();
    for (at, need) in draft.needs.all.iter().enumerate() {
        let id = &need.call.id;
        if !wanted.contains(id) || given_up.contains_key(id) {
            continue;
        }
        let answer = draft.needs.settle(need, own);
        match answer.verdict {
            Verdict::Met => continue,
            Verdict::NotMet | Verdict::PartlyMet
                if answer.decision == Decision::ImplicitlyDenied => {}
            _ => {
                given_up.insert(id.clone(), None);
                continue;
            }
        }
        let layers = decide(&answer.policies, &answer.shown).blocked_by;
        if let Some(closed) = layers.iter().find(|it| !open.contains(it)) {
            given_up.insert(id.clone(), Some(closed));
            continue;
        }
        found.push((at, layers.iter().collect()));
    }
    let mut by_layer = Vec::new();
    for layer in LAYERS {
        let own = found.iter().filter(|(at, layers)| {
            layers.contains(&layer) && !given_up.contains_key(&draft.needs.all[*at].call.id)
        });
        let own: Vec<usize> = own.map(|(at, _)| *at).collect();
        if !own.is_empty() {
            by_layer.push((layer, own));
        }
    }
    draft.given_up = given_up;
    by_layer
}

/// A statement that an action can be added to.
struct Candidate {
    /// How many needs are met by it, and how many of the statement's actions are like it.
    rank: (usize, usize, usize),
    standing: Standing,
    met: Vec<usize>,
}

struct Adding<'d, 'a> {
    draft: &'d mut Draft<'a>,
    layer: Layer,
}

impl Adding<'_, '_> {
    fn add(&mut self, mut needs: Vec<usize>) {
        let mut actions: Vec<String> = Vec::new();
        for at in &needs {
            let action = &self.draft.needs.all[*at].call.action;
            if !actions.contains(action) {
                actions.push(action.clone());
            }
        }
        for action in &actions {
            while self.add_action(action, &mut needs) {}
        }
        while self.add_resource(&mut needs) {}
        let mut atoms = BTreeSet::new();
        for at in &needs {
            atoms.extend(self.draft.atoms_of(&self.draft.needs.all[*at]));
        }
        if atoms.is_empty() {
            return;
        }
        let mut taken = self.draft.sids(self.layer);
        for sentence in self.draft.statements(&atoms, &mut taken) {
            let kind = ChangeKind::AddedStatement;
            self.draft.place(self.layer, &sentence, kind);
        }
    }

    /// Adds an action to the statement that meets most of what needs it; false if there is none.
    fn add_action(&mut self, action: &str, needs: &mut Vec<usize>) -> bool {
        let service = action.split(':').next().unwrap_or_default();
        let old = self.allowed();
        let mut best: Option<Candidate> = None;
        for standing in self.draft.allows(self.layer) {
            let own = &standing.statement;
            let relevance = names_of_service(own, service);
            if own.action.negated || !standing.is_plain || relevance == 0 {
                continue;
            }
            let alone = with_actions(own, &[action.to_owned()]);
            let met = self.met(&alone, needs);
            let rank = (met.len(), self.draft.alike(own, action), relevance);
            let better = best.as_ref().is_none_or(|it| rank > it.rank);
            if !met.is_empty() && better && self.draft.is_within(&alone, &old) {
                best = Some(Candidate {
                    rank,
                    standing,
                    met,
                });
            }
        }
        let Some(Candidate { standing, met, .. }) = best else {
            return false;
        };
        let step = Step::AddActions(standing.at, vec![action.to_owned()]);
        if !self.draft.take(standing.text, &step, standing.at.0) {
            return false;
        }
        let resources = resource_texts(&standing.statement);
        self.note(&standing, vec![action.to_owned()], resources, &met);
        needs.retain(|at| !met.contains(at));
        true
    }

    /// Adds a resource to the statement that meets most by it; false if there is none.
    fn add_resource(&mut self, needs: &mut Vec<usize>) -> bool {
        let mut resources: Vec<String> = Vec::new();
        for at in needs.iter() {
            for atom in self.draft.atoms_of(&self.draft.needs.all[*at]) {
                let resource = &self.draft.atoms[atom].resource;
                if resource != "*" && !resources.contains(resource) {
                    resources.push(resource.clone());
                }
            }
        }
        let old = self.allowed();
        let mut best: Option<(Standing, String, Vec<usize>)> = None;
        for standing in self.draft.allows(self.layer) {
            let own = &standing.statement;
            if own.resource.as_ref().is_none_or(|it| it.negated) || !standing.is_plain {
                continue;
            }
            for resource in &resources {
                let alone = on_resource(own, resource, self.layer);
                let met = self.met(&alone, needs);
                let better = best.as_ref().is_none_or(|it| met.len() > it.2.len());
                if !met.is_empty() && better && self.draft.is_within(&alone, &old) {
                    best = Some((copy(&standing), resource.clone(), met));
                }
            }
        }
        let Some((standing, resource, met)) = best else {
            return false;
        };
        let step = Step::AddResource(standing.at, resource.clone());
        if !self.draft.take(standing.text, &step, standing.at.0) {
            return false;
        }
        let mut actions: Vec<String> = Vec::new();
        for at in &met {
            let action = &self.draft.needs.all[*at].call.action;
            if !actions.contains(action) {
                actions.push(action.clone());
            }
        }
        self.note(&standing, actions, vec![resource], &met);
        needs.retain(|at| !met.contains(at));
        true
    }

    fn met(&self, statement: &Statement, needs: &[usize]) -> Vec<usize> {
        let met = |at: &&usize| {
            let need = &self.draft.needs.all[**at];
            self.draft.grants(statement, need) == Verdict::Met
        };
        needs.iter().filter(met).copied().collect()
    }

    /// Returns what the layer allows by now, its Deny statements left out.
    fn allowed(&self) -> Vec<Document> {
        let texts = self.draft.texts.iter().filter(|it| it.layer == self.layer);
        let held = texts.flat_map(Text::held);
        let allows = held.map(|it| Document {
            kind: crate::policy::Kind::Identity,
            statements: it
                .document
                .statements
                .into_iter()
                .filter(|it| it.effect == Effect::Allow)
                .collect(),
            ..it.document
        });
        allows.collect()
    }

    fn note(
        &mut self,
        standing: &Standing,
        actions: Vec<String>,
        resources: Vec<String>,
        met: &[usize],
    ) {
        let change = Change {
            kind: ChangeKind::AddedActions,
            statement: name(&standing.statement, standing.at),
            actions,
            resources,
            needs: self.draft.references(met),
        };
        let is_same = |it: &&mut (usize, Change)| {
            let (text, known) = (it.0, &it.1);
            text == standing.text
                && (known.kind, &known.statement) == (change.kind, &change.statement)
                && known.resources == change.resources
        };
        match self.draft.changes.iter_mut().find(is_same) {
            Some((_, known)) => {
                known.actions.extend(change.actions);
                known.needs.extend(change.needs);
            }
            None => self.draft.changes.push((standing.text, change)),
        }
    }
}

fn copy(standing: &Standing) -> Standing {
    Standing {
        statement: standing.statement.clone(),
        ..*standing
    }
}

/// Returns a statement with these actions in place of its own.
pub(super) fn with_actions(statement: &Statement, actions: &[String]) -> Statement {
    let mut other = statement.clone();
    other.action.negated = false;
    other.action.patterns.clear();
    for action in actions {
        other.action.add(action);
    }
    other
}

/// Returns a statement with this resource in place of its own.
fn on_resource(statement: &Statement, resource: &str, layer: Layer) -> Statement {
    let text = serde_json::json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": resource}
    ]});
    let written = crate::policy::written(&text.to_string(), super::text::kind(layer));
    let mut other = statement.clone();
    if let Some(made) = written.statements.into_iter().next() {
        other.resource = made.resource;
    }
    other
}
