//! One class of actions, in which every statement either names the action or does not: the
//! dimensions of its requests, and what each statement claims about them.

use rustc_hash::FxHashMap;

use super::Doubt;
use super::automaton::OverBudget;
use super::bits::Bits;
use super::caller::Callers;
use super::formula::{Claim, Dimension, FALSE, Formulas, Node, TRUE};
use super::language::Language;
use super::memo::Memo;
use super::search::Domain;
use super::shortcut;
use super::template::{Name, Reading, Template};
use super::values::{Scale, Value, Wanted};
use crate::catalog::{Catalog, KeyType};
use crate::evaluate::Context;
use crate::pattern::{Resolved, Variable};
use crate::policy::{Condition, Effect, ResourceElement, Statement, Test};

pub(super) const RESOURCE: Dimension = 0;
pub(super) const PRINCIPAL: Dimension = 1;

/// What stands for a policy variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    /// This text.
    Value(String),
    /// Nothing: the key is absent, or empty (V13).
    Nothing,
    /// Some text that is none of these, and not empty.
    Other(Vec<String>),
}

/// What stands for the policy variables of one attempt, by key in lower case; the others are open.
pub(super) type Assignment = Vec<(String, Setting)>;

/// A context key in play.
#[derive(Debug)]
pub(super) struct Key {
    /// As some policy spells it.
    pub(super) name: String,
    pub(super) folded: String,
    pub(super) multivalued: bool,
    pub(super) dimension: Dimension,
    pub(super) scale: Scale,
    pub(super) cells: Cells,
}

/// How the values of a key are told apart.
#[derive(Debug)]
pub(super) enum Cells {
    /// Each cell with a value; one more cell is "absent" for a single-valued key.
    Values(Vec<Value>),
    /// Too many for cells: texts are looked for when they are needed.
    Texts,
}

/// The dimensions of the requests of one action, and what is claimed about them.
pub(super) struct Scene<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) formulas: Formulas,
    pub(super) domains: Vec<Domain>,
    pub(super) languages: Vec<Vec<Language>>,
    pub(super) keys: Vec<Key>,
    /// What holds of every request.
    pub(super) facts: Vec<Node>,
    /// Why a request that is found may not exist.
    pub(super) approximate: Option<Doubt>,
    pub(super) callers: &'a Callers,
    pub(super) assignment: &'a Assignment,
    pub(super) context: Context,
    pub(super) templates: Vec<Template>,
    pub(super) variables: Vec<Name>,
    /// What conditions claim, by their keys: those of the same texts claim the same.
    pub(super) conditions: FxHashMap<&'a str, Vec<(&'a Condition, Effect, Node)>>,
    resources: FxHashMap<*const ResourceElement, Node>,
    /// Keys that the catalog lacks and some statement of the question takes for a list.
    lists: &'a [&'a str],
    memo: &'a Memo,
    max_states: usize,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        catalog: &'a Catalog,
        callers: &'a Callers,
        statements: &[(&'a Statement, Effect)],
        assignment: &'a Assignment,
        lists: &'a [&'a str],
        memo: &'a Memo,
        max_states: usize,
    ) -> Result<Self, OverBudget> {
        let mut context = Context::default();
        for (key, setting) in assignment {
            if let Setting::Value(value) = setting {
                context.set(key, vec![value.as_str().into()], false);
            }
        }
        let mut scene = Self {
            catalog,
            formulas: Formulas::new(),
            domains: vec![
                Domain::Text {
                    inside: Bits::default(),
                    outside: Bits::default(),
                    present: None,
                },
                Domain::Cells(Bits::all(callers.len())),
            ],
            languages: vec![Vec::new(), Vec::new()],
            keys: Vec::new(),
            facts: Vec::new(),
            approximate: None,
            callers,
            assignment,
            context,
            templates: Vec::new(),
            variables: Vec::new(),
            conditions: FxHashMap::default(),
            resources: FxHashMap::default(),
            lists,
            memo,
            max_states,
        };
        scene.name_variables(statements);
        scene.add_keys(statements)?;
        Ok(scene)
    }

    /// Returns what a policy variable stands for in this attempt.
    pub(super) fn resolve(&self, variable: &Variable) -> Resolved<'_> {
        let known = self
            .assignment
            .iter()
            .find(|(key, _)| **key == *variable.key);
        match known {
            Some((_, Setting::Value(value))) if !value.is_empty() => Resolved::Value(value),
            Some((_, Setting::Value(_) | Setting::Nothing)) => Resolved::NoValue,
            _ if self.is_multivalued(&variable.key) => Resolved::Multivalued,
            _ => Resolved::Unknown,
        }
    }

    /// Whether a key is a list: by the catalog, or for one that it lacks by how it is compared.
    pub(super) fn is_multivalued(&self, key: &str) -> bool {
        match self.catalog.condition_key(key) {
            Some(declared) => declared.multivalued,
            None => self.lists.contains(&key),
        }
    }

    pub(super) fn is_open(&self, condition: &Condition) -> bool {
        let mut variables = condition
            .values
            .iter()
            .flat_map(|it| it.template.variables());
        variables.any(|it| matches!(self.resolve(it), Resolved::Unknown))
    }

    fn add_keys(&mut self, statements: &[(&'a Statement, Effect)]) -> Result<(), OverBudget> {
        let mut by_key: Vec<(&str, Vec<&Condition>)> = Vec::new();
        for (statement, _) in statements {
            for condition in &statement.conditions {
                if condition.operator.is_none() {
                    continue;
                }
                match by_key.iter_mut().find(|(key, _)| **key == *condition.key) {
                    Some((_, known)) => known.push(condition),
                    None => by_key.push((&condition.key, vec![condition])),
                }
            }
        }
        for (folded, conditions) in &by_key {
            self.add_key(folded, conditions)?;
        }
        // Keys that are settled as variables and in no condition.
        for (folded, _) in self.assignment {
            if self.key(folded).is_none() {
                self.add_key(folded, &[])?;
            }
        }
        Ok(())
    }

    fn add_key(&mut self, folded: &str, conditions: &[&Condition]) -> Result<(), OverBudget> {
        let declared = self.catalog.condition_key(folded);
        let multivalued = self.is_multivalued(folded);
        let scale = scale_of(conditions);
        let mut wanted = Wanted::default();
        let mut has_templates = false;
        for condition in conditions {
            let Some(operator) = condition.operator else {
                continue;
            };
            if Scale::of(operator.test) != Some(scale) {
                continue;
            }
            wanted.add(condition, operator.test, &|value, test| {
                self.read(folded, value, test)
            });
            for value in &condition.values {
                if let Reading::Open { wide, .. } = self.read(folded, value, operator.test) {
                    wanted.language(Language::one(wide));
                    has_templates = true;
                }
            }
            if self.is_open(condition) {
                let plain = self.plain(condition, operator.test);
                wanted.language(plain);
            }
        }
        let setting = self.assignment.iter().find(|(key, _)| key == folded);
        if let Some((_, setting)) = setting {
            for text in match setting {
                Setting::Value(text) => std::slice::from_ref(text),
                Setting::Nothing => &[],
                Setting::Other(texts) => texts.as_slice(),
            } {
                wanted.language(Language::one(super::language::literal(text)));
            }
            if scale == Scale::Text {
                wanted.language(Language::one(Box::default()));
            }
        }
        if self.variables.iter().any(|it| it.key == folded) && scale == Scale::Text {
            wanted.language(Language::one(Box::default()));
        }
        wanted.malformed = declared.is_some_and(|key| match scale {
            Scale::Text => false,
            Scale::Number => key.key_type != KeyType::Numeric && key.key_type != KeyType::Date,
            Scale::Date => key.key_type != KeyType::Date && key.key_type != KeyType::Numeric,
            Scale::Address => key.key_type != KeyType::IpAddress,
        });
        let dimension = self.dimension();
        let name = conditions
            .first()
            .map_or_else(|| folded.to_owned(), |it| it.key_text.text.to_string());
        let is_text = scale == Scale::Text && !multivalued && !has_templates;
        let cells = match wanted.cells(scale, self.memo, self.max_states.min(2_000)) {
            Ok(_) if is_text && !shortcut::on("cells") => Cells::Texts,
            Ok(values) => Cells::Values(values),
            Err(over) if !is_text => {
                return Err(over);
            }
            Err(_) => Cells::Texts,
        };
        let domain = match &cells {
            Cells::Values(values) if multivalued => Domain::Elements {
                allowed: Bits::all(values.len()),
                wanted: Vec::new(),
                any: None,
            },
            Cells::Values(values) => Domain::Cells(Bits::all(values.len() + 1)),
            Cells::Texts => Domain::Text {
                inside: Bits::default(),
                outside: Bits::default(),
                present: None,
            },
        };
        self.domains[dimension as usize] = domain;
        self.languages[dimension as usize] = wanted.languages;
        self.keys.push(Key {
            name,
            folded: folded.to_owned(),
            multivalued,
            dimension,
            scale,
            cells,
        });
        if let Some((_, setting)) = setting {
            let fact = self.setting(folded, setting);
            self.facts.push(fact);
        }
        Ok(())
    }

    /// The language of a condition's values without open variables.
    pub(super) fn plain(&self, condition: &Condition, test: Test) -> Language {
        let mut language = Language::default();
        for value in &condition.values {
            if let Reading::Plain(patterns) = self.read(&condition.key, value, test) {
                language.patterns.extend(patterns);
            }
        }
        language
    }

    /// What an attempt takes for granted of a key.
    fn setting(&mut self, folded: &str, setting: &Setting) -> Node {
        match setting {
            Setting::Value(text) => self.key_is(folded, text),
            Setting::Nothing => {
                let absent = self.key_present(folded, false);
                let empty = self.key_is(folded, "");
                self.formulas.or([absent, empty])
            }
            Setting::Other(texts) => {
                let present = self.key_present(folded, true);
                let mut parts = vec![present];
                for text in texts.iter().map(String::as_str).chain([""]) {
                    let is = self.key_is(folded, text);
                    parts.push(self.formulas.not(is));
                }
                self.formulas.and(parts)
            }
        }
    }

    pub(super) fn dimension(&mut self) -> Dimension {
        self.domains.push(Domain::Cells(Bits::all(2)));
        self.languages.push(Vec::new());
        Dimension::try_from(self.domains.len() - 1).unwrap_or_default()
    }

    /// A claim that is true or false for itself.
    pub(super) fn free(&mut self) -> (Dimension, Node) {
        let dimension = self.dimension();
        let node = self.formulas.claim(dimension, Claim::In(Bits::one(2, 1)));
        (dimension, node)
    }

    pub(super) fn key(&self, folded: &str) -> Option<&Key> {
        self.keys.iter().find(|it| it.folded == folded)
    }

    /// Claims that a key is there, or is not.
    pub(super) fn key_present(&mut self, folded: &str, present: bool) -> Node {
        let Some(key) = self.key(folded) else {
            return TRUE;
        };
        let (dimension, claim) = (
            key.dimension,
            match &key.cells {
                Cells::Texts => Claim::Text(present),
                Cells::Values(_) if key.multivalued => Claim::Elements(present),
                Cells::Values(values) => {
                    let absent = Bits::one(values.len() + 1, values.len());
                    Claim::In(if present { absent.complement() } else { absent })
                }
            },
        );
        self.formulas.claim(dimension, claim)
    }

    /// Claims that some value of a key is in the cells where `holds`.
    pub(super) fn key_some(&mut self, folded: &str, holds: impl Fn(&Value) -> bool) -> Node {
        let Some(key) = self.key(folded) else {
            return TRUE;
        };
        let Cells::Values(values) = &key.cells else {
            return TRUE;
        };
        let multivalued = key.multivalued;
        let mut cells = Bits::none(values.len() + usize::from(!multivalued));
        for (at, value) in values.iter().enumerate() {
            if holds(value) {
                cells.insert(at);
            }
        }
        let claim = if multivalued {
            Claim::Some(cells)
        } else {
            Claim::In(cells)
        };
        let dimension = key.dimension;
        self.formulas.claim(dimension, claim)
    }

    /// Claims that a key has this text for a value.
    pub(super) fn key_is(&mut self, folded: &str, text: &str) -> Node {
        let wanted = Language::one(super::language::literal(text));
        let Some(key) = self.key(folded) else {
            return TRUE;
        };
        let at = self.languages[key.dimension as usize]
            .iter()
            .position(|it| *it == wanted);
        match (&key.cells, at) {
            (Cells::Texts, Some(at)) => {
                let dimension = key.dimension;
                let at = u32::try_from(at).unwrap_or_default();
                self.formulas.claim(dimension, Claim::Word(at, true))
            }
            (Cells::Texts, None) => TRUE,
            (Cells::Values(_), Some(at)) => self.key_some(folded, |it| it.languages.contains(at)),
            (Cells::Values(_), None) => self.key_some(folded, |it| it.text == text),
        }
    }

    /// Returns what a statement claims about resource and context; its action matches.
    pub(super) fn statement(&mut self, statement: &'a Statement) -> Node {
        let mut parts = Vec::with_capacity(statement.conditions.len() + 1);
        if let Some(element) = &statement.resource {
            parts.push(self.resource(element));
        }
        for condition in &statement.conditions {
            if parts.last() == Some(&FALSE) {
                return FALSE;
            }
            parts.push(self.condition(condition, statement.effect));
        }
        self.formulas.and(parts)
    }

    fn resource(&mut self, element: &'a ResourceElement) -> Node {
        if let Some(known) = self.resources.get(&std::ptr::from_ref(element)) {
            return *known;
        }
        let mut parts = Vec::new();
        let mut union = Language::default();
        for pattern in &element.patterns {
            if pattern.is_everything() {
                parts.push(TRUE);
                continue;
            }
            match self.read_resource(pattern) {
                Reading::Plain(patterns) => union.patterns.extend(patterns),
                Reading::Open { wide, letters } => {
                    let text = pattern.template.text();
                    let variables: Vec<&Variable> = pattern.template.variables().collect();
                    parts.push(self.template(RESOURCE, text, None, &variables, wide, letters));
                }
            }
        }
        if !union.patterns.is_empty() {
            parts.push(self.in_language(RESOURCE, union));
        }
        let any = self.formulas.or(parts);
        let node = if element.negated {
            self.formulas.not(any)
        } else {
            any
        };
        self.resources.insert(std::ptr::from_ref(element), node);
        node
    }

    /// Claims that a text dimension has a text of this language.
    pub(super) fn in_language(&mut self, dimension: Dimension, language: Language) -> Node {
        let known = &mut self.languages[dimension as usize];
        let at = match known.iter().position(|it| *it == language) {
            Some(at) => at,
            None => {
                known.push(language);
                known.len() - 1
            }
        };
        let at = u32::try_from(at).unwrap_or_default();
        self.formulas.claim(dimension, Claim::Word(at, true))
    }
}

/// The scale on which a key is compared: that of its conditions, texts first.
fn scale_of(conditions: &[&Condition]) -> Scale {
    let scales = conditions
        .iter()
        .filter_map(|it| it.operator)
        .filter_map(|it| Scale::of(it.test));
    scales.min().unwrap_or(Scale::Text)
}
