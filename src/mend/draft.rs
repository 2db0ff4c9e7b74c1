//! The policies while they are mended: their texts, what is needed of them, and what was done.

use std::collections::{BTreeMap, BTreeSet};

use super::text::{At, Held, Step, Text};
use super::{Change, ChangeKind, Job, Reference};
use crate::analyze::{Analysis, Found};
use crate::check::{Need, Needs, Verdict};
use crate::evaluate::{Layer, Policies, names_action};
use crate::generate::{Atom, Sentence, hull, statements};
use crate::policy::{Document, Effect, Kind, Statement};

/// The layers whose policies can be mended.
pub(super) const LAYERS: [Layer; 3] = [Layer::Identity, Layer::Boundary, Layer::Session];

/// Everything on the way.
pub(super) struct Draft<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) texts: Vec<Text>,
    pub(super) needs: Needs<'a>,
    pub(super) atoms: Vec<Atom>,
    pub(super) hull: Vec<Document>,
    /// What was done, with the index of the text.
    pub(super) changes: Vec<(usize, Change)>,
    /// What could not be done, and why.
    pub(super) obstacles: BTreeSet<String>,
    /// The ids of requirements that no addition can meet; with the layer that would have to allow
    /// them, where it is for that.
    pub(super) given_up: BTreeMap<String, Option<Layer>>,
}

/// A statement with where it stands: the text, and its place there.
pub(super) struct Standing {
    pub(super) text: usize,
    pub(super) at: At,
    pub(super) statement: Statement,
    pub(super) is_plain: bool,
}

impl<'a> Draft<'a> {
    pub(super) fn new(job: &'a Job<'a>, needs: Needs<'a>, atoms: Vec<Atom>) -> Self {
        let policies = job.input.policies;
        let none = Vec::new();
        let mut texts: Vec<Text> = Vec::new();
        for layer in LAYERS {
            let documents = match layer {
                Layer::Boundary => policies.boundary.as_ref().unwrap_or(&none),
                Layer::Session => policies.session.as_ref().unwrap_or(&none),
                _ => &policies.identity,
            };
            for file in documents.iter().filter_map(|it| it.file) {
                if texts.iter().any(|it| it.file == Some(file)) {
                    continue;
                }
                let source = job.sources.get(file);
                texts.push(Text {
                    name: source.name.clone(),
                    layer,
                    original: Some(source.text.clone()),
                    text: source.text.clone(),
                    file: Some(file),
                    idle: BTreeSet::new(),
                });
            }
        }
        Self {
            job,
            texts,
            needs,
            hull: hull(&atoms),
            atoms,
            changes: Vec::new(),
            obstacles: BTreeSet::new(),
            given_up: BTreeMap::new(),
        }
    }

    /// Whether a layer has a document that can be edited where it stands.
    pub(super) fn can_edit(&self, layer: Layer) -> bool {
        let mut texts = self.texts.iter().filter(|it| it.layer == layer);
        texts.any(|it| it.held().iter().any(|it| it.is_plain))
    }

    /// Returns the documents of a layer as they are by now, without those that are not needed.
    pub(super) fn documents(&self, layer: Layer) -> Vec<Document> {
        let own = self.texts.iter().filter(|it| it.layer == layer);
        own.flat_map(Text::in_force).collect()
    }

    /// Returns the policies of the caller as they are by now.
    pub(super) fn policies(&self) -> Policies {
        let given = self.job.input.policies;
        let of = |layer| self.documents(layer);
        Policies {
            identity: of(Layer::Identity),
            boundary: given.boundary.as_ref().map(|_| of(Layer::Boundary)),
            session: given.session.as_ref().map(|_| of(Layer::Session)),
            ..given.clone()
        }
    }

    /// Returns the Allow statements of a layer in text order.
    pub(super) fn allows(&self, layer: Layer) -> Vec<Standing> {
        let mut allows = Vec::new();
        for (text, own) in self.texts.iter().enumerate() {
            if own.layer != layer {
                continue;
            }
            for (
                document,
                Held {
                    document: it,
                    is_plain,
                },
            ) in own.held().into_iter().enumerate()
            {
                for (at, statement) in it.statements.into_iter().enumerate() {
                    if statement.effect == Effect::Allow {
                        allows.push(Standing {
                            text,
                            at: (document, at),
                            statement,
                            is_plain,
                        });
                    }
                }
            }
        }
        allows
    }

    /// Whether a statement of its own meets a need.
    pub(super) fn grants(&self, statement: &Statement, need: &Need) -> Verdict {
        if !names_action(statement, &need.request) {
            return Verdict::NotMet;
        }
        let own = Policies {
            identity: vec![only(statement)],
            ..Policies::default()
        };
        self.needs.settle(need, &own).verdict
    }

    /// Whether everything that a statement allows is required.
    pub(super) fn is_required(&self, statement: &Statement) -> bool {
        self.is_within(statement, &[])
    }

    /// Whether everything that a statement allows is required, or allowed by these documents.
    pub(super) fn is_within(&self, statement: &Statement, others: &[Document]) -> bool {
        // What other actions may do says nothing about these, and a hull has hundreds.
        let names = |it: &Statement| {
            let mut own = it.action.patterns.iter();
            let named = |text: &str, folded: &str| {
                let mut patterns = statement.action.patterns.iter();
                patterns.any(|it| it.matches(text, folded)) != statement.action.negated
            };
            own.any(|it| named(&it.text, it.folded()))
        };
        let hull = self.hull.iter().map(|it| Document {
            statements: it
                .statements
                .iter()
                .filter(|it| names(it))
                .cloned()
                .collect(),
            ..it.clone()
        });
        let mut all: Vec<Document> = hull.collect();
        all.extend_from_slice(others);
        let found = self.analysis().find_excess(&[&[only(statement)]], &[&all]);
        matches!(found, Found::Nothing)
    }

    /// Returns how many actions of a statement have the access level of this one.
    pub(super) fn alike(&self, statement: &Statement, action: &str) -> usize {
        let catalog = self.job.input.catalog;
        let levels = |text: &str| {
            let (service, name) = text.split_once(':')?;
            let levels = catalog.action(service, name)?.access_levels;
            Some((service.to_ascii_lowercase(), levels))
        };
        let wanted = levels(action);
        let patterns = statement.action.patterns.iter();
        patterns
            .filter(|it| wanted.is_some() && levels(&it.text) == wanted)
            .count()
    }

    pub(super) fn analysis(&self) -> Analysis<'a> {
        Analysis::new(self.job.input.catalog)
    }

    /// Returns the atoms of a need, by their place.
    pub(super) fn atoms_of(&self, need: &Need) -> Vec<usize> {
        let is_of = |atom: &Atom| {
            let id = &need.call.id;
            atom.action == need.call.action && atom.sources.iter().any(|it| it.id == *id)
        };
        let of: Vec<usize> = (0..self.atoms.len())
            .filter(|at| is_of(&self.atoms[*at]))
            .collect();
        if of.len() < 2 {
            return of;
        }
        let meets = |at: &usize| {
            let own = Policies {
                identity: hull([&self.atoms[*at]]),
                ..Policies::default()
            };
            self.needs.settle(need, &own).verdict == Verdict::Met
        };
        of.into_iter().filter(meets).collect()
    }

    /// Returns the statements that allow what these atoms allow.
    pub(super) fn statements(
        &self,
        atoms: &BTreeSet<usize>,
        taken: &mut BTreeSet<String>,
    ) -> Vec<Sentence> {
        let atoms: Vec<Atom> = atoms.iter().map(|at| self.atoms[*at].clone()).collect();
        statements(
            self.job.input.profile,
            &atoms,
            self.job.input.catalog,
            taken,
        )
    }

    /// Returns every `Sid` of a layer.
    pub(super) fn sids(&self, layer: Layer) -> BTreeSet<String> {
        let documents = self.documents(layer);
        let statements = documents.iter().flat_map(|it| &it.statements);
        let sids = statements.filter_map(|it| it.sid.as_ref());
        sids.map(|it| it.text.to_string()).collect()
    }

    /// Takes a step if its document does not outgrow its quota by it.
    pub(super) fn take(&mut self, text: usize, step: &Step, document: usize) -> bool {
        let Some(after) = self.texts[text].after(step) else {
            return false;
        };
        let limit = limit(&self.texts[text], document);
        let before = std::mem::replace(&mut self.texts[text].text, after);
        let size = self.texts[text].measured(document).map_or(0, |it| it.size);
        if size > limit {
            self.texts[text].text = before;
            return false;
        }
        true
    }

    /// Puts a new statement where a person would look for it and there is room: with its service,
    /// else at the end of a policy, else into a document of its own.
    pub(super) fn place(&mut self, layer: Layer, sentence: &Sentence, kind: ChangeKind) -> bool {
        let service = sentence.statement["Action"].as_str();
        let service = service.or_else(|| sentence.statement["Action"][0].as_str());
        let service = service
            .and_then(|it| it.split(':').next())
            .unwrap_or_default();
        let mut places: Vec<(usize, usize, usize)> = Vec::new();
        for (text, own) in self.texts.iter().enumerate() {
            let held = own.held();
            for (document, it) in held.iter().enumerate() {
                if own.layer == layer && it.is_plain {
                    places.push((of_service(&it.document, service), text, document));
                }
            }
        }
        places.sort_by_key(|it| std::cmp::Reverse(it.0));
        for (_, text, document) in places {
            let step = Step::Insert(document, None, vec![sentence.statement.clone()]);
            if self.take(text, &step, document) {
                self.note_new(text, sentence, kind);
                return true;
            }
        }
        if layer != Layer::Identity {
            self.obstacles.insert(format!(
                "there is no room in a {} for what is missing, and there can be one only",
                crate::check::layer_title(layer)
            ));
            return false;
        }
        let statement = [&sentence.statement];
        let document = serde_json::json!({"Version": "2012-10-17", "Statement": statement});
        self.texts.push(Text {
            name: self.new_name(),
            layer,
            original: None,
            text: crate::generate::text(&document),
            file: None,
            idle: BTreeSet::new(),
        });
        self.note_new(self.texts.len() - 1, sentence, kind);
        true
    }

    fn new_name(&self) -> String {
        let of = |it: &&Text| it.layer == Layer::Identity && it.original.is_some();
        let first = self
            .texts
            .iter()
            .find(of)
            .map_or("policy.json", |it| &it.name);
        let new = self.texts.iter().filter(|it| it.original.is_none()).count();
        let (stem, end) = match first.rsplit_once('.') {
            Some((stem, end)) if !end.contains(['/', '\\']) => (stem, format!(".{end}")),
            _ if first == "<stdin>" => ("policy", ".json".to_owned()),
            _ => (first, String::new()),
        };
        format!("{stem}-{}{end}", new + 2)
    }

    /// Notes that a statement stands in a text where it did not before.
    pub(super) fn note_new(&mut self, text: usize, sentence: &Sentence, kind: ChangeKind) {
        let statement = &sentence.statement;
        let listed = |key: &str| texts(&statement[key]);
        let references = sentence.requirements.iter();
        let change = Change {
            kind,
            statement: statement["Sid"].as_str().unwrap_or_default().to_owned(),
            actions: listed("Action"),
            resources: listed("Resource"),
            needs: references.filter_map(|it| self.reference(it)).collect(),
        };
        self.changes.push((text, change));
    }

    /// Returns how people refer to a requirement.
    pub(super) fn reference(&self, id: &str) -> Option<Reference> {
        let need = self.needs.all.iter().find(|it| it.call.id == id)?;
        Some(self.reference_of(need))
    }

    pub(super) fn reference_of(&self, need: &Need) -> Reference {
        let phase = self.job.input.profile.phase(&need.call.phase);
        Reference {
            id: need.call.id.clone(),
            phase: phase.map_or_else(|| need.call.phase.clone(), |it| it.title.clone()),
        }
    }

    /// Returns how people refer to the requirements of these needs, each once.
    pub(super) fn references(&self, needs: &[usize]) -> Vec<Reference> {
        let mut all: Vec<Reference> = Vec::new();
        for at in needs {
            let reference = self.reference_of(&self.needs.all[*at]);
            if !all.contains(&reference) {
                all.push(reference);
            }
        }
        all
    }
}

/// Returns the most that a document may hold: the quota that it is under today.
fn limit(text: &Text, document: usize) -> usize {
    let Some(measured) = text.measured(document) else {
        return usize::MAX;
    };
    let quota = measured.quota;
    match quota.otherwise {
        Some(other) if measured.size > quota.limit && text.layer == Layer::Identity => {
            other.limit.max(measured.size)
        }
        // What is over its quota may still be made smaller.
        _ => quota.limit.max(measured.size),
    }
}

/// Returns a document with this statement alone.
pub(super) fn only(statement: &Statement) -> Document {
    Document {
        version: crate::policy::Version::V2012,
        statements: vec![statement.clone()],
        ..Document::empty(Kind::Identity)
    }
}

/// Returns how many action texts of Allow statements are of a service.
pub(super) fn of_service(document: &Document, service: &str) -> usize {
    let allows = document.statements.iter();
    let allows = allows.filter(|it| it.effect == Effect::Allow && !it.action.negated);
    allows.map(|it| names_of_service(it, service)).sum()
}

/// Returns how many action texts of a statement are of a service.
pub(super) fn names_of_service(statement: &Statement, service: &str) -> usize {
    let patterns = statement.action.patterns.iter();
    let prefix = |text: &str| text.split(':').next().unwrap_or_default().to_owned();
    patterns
        .filter(|it| prefix(&it.text).eq_ignore_ascii_case(service))
        .count()
}

/// Returns the texts of an element that holds one or several.
pub(super) fn texts(value: &serde_json::Value) -> Vec<String> {
    let own = |it: &serde_json::Value| it.as_str().map(str::to_owned);
    match value {
        serde_json::Value::Array(many) => many.iter().filter_map(own).collect(),
        one => own(one).into_iter().collect(),
    }
}

/// Returns the texts of a resource element; `Resource` and `NotResource` look alike here.
pub(super) fn resource_texts(statement: &Statement) -> Vec<String> {
    let patterns = statement.resource.iter().flat_map(|it| &it.patterns);
    patterns.map(|it| it.template.text().to_owned()).collect()
}

/// Returns how to name a statement to people, without backticks.
pub(super) fn name(statement: &Statement, at: At) -> String {
    match &statement.sid {
        Some(sid) if !sid.text.is_empty() => sid.text.to_string(),
        _ => format!("statement {}", at.1 + 1),
    }
}
