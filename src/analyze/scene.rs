//! One class of actions, in which every statement either names the action or does not: the
//! dimensions of its requests, and what each statement claims about them.

use rustc_hash::FxHashMap;

use super::automaton::OverBudget;
use super::bits::Bits;
use super::caller::Callers;
use super::formula::{Claim, Dimension, FALSE, Formulas, Node, TRUE};
use super::language::{Language, Letter, Pattern};
use super::search::Domain;
use super::values::{Reading, Scale, Value, Wanted, has_odd_case, reading};
use super::{Doubt, DoubtReason};
use crate::catalog::{Catalog, KeyType};
use crate::evaluate::{Context, Truth, condition};
use crate::pattern::{Resolved, Substituted, Variable};
use crate::policy::{
    Condition, Effect, Operand, Operator, Quantifier, ResourceElement, Statement, Test,
};

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
    scale: Scale,
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

/// A template with an open variable on one dimension: whether the value matches it.
struct Template {
    dimension: Dimension,
    text: String,
    test: Option<Test>,
    letters: Pattern,
    matched: Dimension,
}

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
    assignment: &'a Assignment,
    context: Context,
    templates: Vec<Template>,
    variables: Vec<String>,
    nodes: FxHashMap<*const Condition, Node>,
    resources: FxHashMap<*const ResourceElement, Node>,
    max_states: usize,
}

/// The letters by which open variables stand in patterns: units that no text uses (private use).
const FIRST_SENTINEL: u16 = 0xE000;

impl<'a> Scene<'a> {
    pub(super) fn new(
        catalog: &'a Catalog,
        callers: &'a Callers,
        statements: &[(&'a Statement, Effect)],
        assignment: &'a Assignment,
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
                    inside: Vec::new(),
                    outside: Vec::new(),
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
            nodes: FxHashMap::default(),
            resources: FxHashMap::default(),
            max_states,
        };
        scene.name_variables(statements);
        scene.add_keys(statements)?;
        Ok(scene)
    }

    /// Returns what a policy variable stands for in this attempt.
    fn resolve(&self, variable: &Variable) -> Resolved<'_> {
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

    /// Whether the catalog declares a key multivalued.
    fn is_multivalued(&self, key: &str) -> bool {
        self.catalog
            .condition_key(key)
            .is_some_and(|it| it.multivalued)
    }

    fn is_open(&self, condition: &Condition) -> bool {
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
        let quantified = |it: &&Condition| it.operator.is_some_and(|it| it.quantifier.is_some());
        let multivalued = match declared {
            Some(key) => key.multivalued,
            None => conditions.iter().any(|it| quantified(it)),
        };
        let scale = scale_of(conditions);
        let mut wanted = Wanted::default();
        let mut templates: Vec<(String, Test, Pattern)> = Vec::new();
        for condition in conditions {
            let Some(operator) = condition.operator else {
                continue;
            };
            if Scale::of(operator.test) != Some(scale) {
                continue;
            }
            wanted.add(condition, operator.test, &|it| self.resolve(it));
            for value in &condition.values {
                if let Reading::Open(wide) = reading(value, operator.test, &|it| self.resolve(it)) {
                    wanted.language(Language::one(wide.clone()));
                    templates.push((value.template.text().to_owned(), operator.test, wide));
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
        if self.variables.iter().any(|it| it == folded) && scale == Scale::Text {
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
        let cells = match wanted.cells(scale, self.max_states.min(2_000)) {
            Ok(values) => Cells::Values(values),
            Err(over) if multivalued || scale != Scale::Text || !templates.is_empty() => {
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
                inside: Vec::new(),
                outside: Vec::new(),
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
    fn plain(&self, condition: &Condition, test: Test) -> Language {
        let mut language = Language::default();
        for value in &condition.values {
            if let Reading::Plain(patterns) = reading(value, test, &|it| self.resolve(it)) {
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
            match pattern.patterns(&|it| self.resolve(it)) {
                Substituted::Known(patterns) => {
                    let letters = |it: Vec<_>| it.into_iter().map(Letter::from).collect();
                    union.patterns.extend(patterns.into_iter().map(letters));
                }
                Substituted::NoValue => {}
                Substituted::Unknown(patterns) => {
                    for wide in patterns {
                        let wide: Pattern = wide.into_iter().map(Letter::from).collect();
                        let text = pattern.template.text();
                        let sentinel = pattern.patterns(&|it| self.as_letter(it));
                        let letters = self.letters(sentinel);
                        let variables: Vec<&Variable> = pattern.template.variables().collect();
                        parts.push(self.template(RESOURCE, text, None, &variables, wide, letters));
                    }
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

    /// A variable as a letter of its own.
    fn as_letter(&self, variable: &Variable) -> Resolved<'static> {
        const LETTERS: [&str; 8] = [
            "\u{E000}", "\u{E001}", "\u{E002}", "\u{E003}", "\u{E004}", "\u{E005}", "\u{E006}",
            "\u{E007}",
        ];
        match self.resolve(variable) {
            Resolved::Unknown => {
                let name = variable_name(variable, self.assignment);
                let at = self.variables.iter().position(|it| *it == name);
                at.and_then(|at| LETTERS.get(at))
                    .map_or(Resolved::Unknown, |it| Resolved::Value(it))
            }
            Resolved::Multivalued => Resolved::Multivalued,
            // Settled variables are in no open template of their own; with others they stand as
            // what they are, which only the wide reading needs.
            _ => Resolved::Unknown,
        }
    }

    fn letters(&self, read: Substituted<Vec<Vec<crate::pattern::Token>>>) -> Pattern {
        let tokens = match read {
            Substituted::Known(patterns) => patterns.into_iter().next(),
            _ => None,
        };
        sentinels(
            tokens
                .unwrap_or_default()
                .into_iter()
                .map(Letter::from)
                .collect(),
        )
    }

    /// Notes the variables of the statements, so that each has a letter.
    fn name_variables(&mut self, statements: &[(&'a Statement, Effect)]) {
        for (statement, _) in statements {
            for variable in variables_of(statement) {
                let name = variable_name(variable, self.assignment);
                if !self.variables.contains(&name) {
                    self.variables.push(name);
                }
            }
        }
    }

    /// Claims that a value matches a template with open variables, with what follows from it.
    fn template(
        &mut self,
        dimension: Dimension,
        text: &str,
        test: Option<Test>,
        variables: &[&Variable],
        wide: Pattern,
        letters: Pattern,
    ) -> Node {
        let claim = Claim::In(Bits::one(2, 1));
        let known = self
            .templates
            .iter()
            .find(|it| it.dimension == dimension && it.text == text && it.test == test);
        if let Some(known) = known {
            let matched = known.matched;
            return self.formulas.claim(matched, claim);
        }
        let (matched, node) = self.free();
        let keys: Vec<String> = variables.iter().map(|it| it.key.to_string()).collect();
        self.approximate.get_or_insert_with(|| Doubt {
            reason: DoubtReason::RelationalTemplate,
            detail: format!("`{text}` ties the request to `{}`", keys.join("`, `")),
        });
        let wide = if dimension == RESOURCE {
            self.in_language(RESOURCE, Language::one(wide))
        } else {
            self.some_in(dimension, &Language::one(wide))
        };
        let fact = self.formulas.implies(node, wide);
        self.facts.push(fact);
        for variable in variables.iter().filter(|it| it.default.is_none()) {
            let present = self.key_present(&variable.key, true);
            let empty = self.key_is(&variable.key, "");
            let filled = if self.key(&variable.key).is_some() {
                let not = self.formulas.not(empty);
                self.formulas.and([present, not])
            } else {
                TRUE
            };
            let fact = self.formulas.implies(node, filled);
            self.facts.push(fact);
        }
        // One template's texts may all be another's (T7 of the reasoning: the variable is a letter
        // that only `*` swallows).
        let mut facts = Vec::new();
        for other in self.templates.iter().filter(|it| it.dimension == dimension) {
            if letters.is_empty() || other.letters.is_empty() {
                continue;
            }
            if super::language::includes(&other.letters, &letters) {
                facts.push((matched, other.matched));
            }
            if super::language::includes(&letters, &other.letters) {
                facts.push((other.matched, matched));
            }
        }
        for (narrow, wide) in facts {
            let narrow = self.formulas.claim(narrow, claim.clone());
            let wide = self.formulas.claim(wide, claim.clone());
            let fact = self.formulas.implies(narrow, wide);
            self.facts.push(fact);
        }
        self.templates.push(Template {
            dimension,
            text: text.to_owned(),
            test,
            letters,
            matched,
        });
        node
    }

    /// Claims that some value of the key of a dimension is in a language that its cells know.
    fn some_in(&mut self, dimension: Dimension, language: &Language) -> Node {
        let at = self.languages[dimension as usize]
            .iter()
            .position(|it| it == language);
        let key = self.keys.iter().find(|it| it.dimension == dimension);
        match (key, at) {
            (Some(key), Some(at)) => {
                let folded = key.folded.clone();
                self.key_some(&folded, |it| it.languages.contains(at))
            }
            _ => TRUE,
        }
    }

    fn condition(&mut self, condition: &'a Condition, effect: Effect) -> Node {
        if let Some(known) = self.nodes.get(&std::ptr::from_ref(condition)) {
            return *known;
        }
        let node = self.new_condition(condition, effect);
        self.nodes.insert(std::ptr::from_ref(condition), node);
        node
    }

    fn doubtful(&mut self, reason: DoubtReason, condition: &Condition) -> Node {
        self.approximate.get_or_insert_with(|| Doubt {
            reason,
            detail: format!(
                "`{}` on `{}`",
                condition.operator_text.text, condition.key_text.text
            ),
        });
        self.free().1
    }

    fn new_condition(&mut self, condition: &'a Condition, effect: Effect) -> Node {
        let Some(operator) = condition.operator else {
            return self.doubtful(DoubtReason::UnsupportedOperator, condition);
        };
        let Some(key) = self.key(&condition.key) else {
            return FALSE;
        };
        let (dimension, multivalued) = (key.dimension, key.multivalued);
        if operator.test == Test::Null {
            let parts = [true, false].map(|present| match condition::null(condition, !present) {
                Truth::True => self.key_present(&condition.key, present),
                _ => FALSE,
            });
            return self.formulas.or(parts);
        }
        let odd = operator.test == Test::StringEqualsIgnoreCase
            && condition
                .values
                .iter()
                .any(|it| has_odd_case(it.template.text()));
        if odd {
            return self.doubtful(DoubtReason::CaseMapping, condition);
        }
        let absent = condition::absent(operator) == Truth::True;
        if let Cells::Texts = self.keys_cells(dimension) {
            return self.text_condition(condition, operator, dimension, absent);
        }
        if !self.fits_scale(dimension, operator.test) {
            return self.doubtful(DoubtReason::MixedKeyType, condition);
        }
        let malformed = operator.test == Test::Arn
            && condition
                .values
                .iter()
                .any(|it| is_malformed_arn(it.template.text()));
        if malformed && operator.quantifier.is_some() {
            return self.doubtful(DoubtReason::MalformedOperand, condition);
        }
        if self.is_open(condition) {
            if malformed {
                return self.doubtful(DoubtReason::MalformedOperand, condition);
            }
            return self.open_condition(condition, operator, dimension, multivalued, absent);
        }
        let Cells::Values(values) = self.keys_cells(dimension) else {
            return FALSE;
        };
        let mut cells = Bits::none(values.len() + usize::from(!multivalued));
        if !condition.values.is_empty() {
            for (at, value) in values.iter().enumerate() {
                let truth =
                    condition::satisfies(&value.text, condition, operator, effect, &self.context);
                if truth == Truth::True {
                    cells.insert(at);
                }
            }
        }
        self.quantified(operator, dimension, multivalued, absent, cells)
    }

    fn keys_cells(&self, dimension: Dimension) -> &Cells {
        const NONE: &Cells = &Cells::Texts;
        let key = self.keys.iter().find(|it| it.dimension == dimension);
        key.map_or(NONE, |it| &it.cells)
    }

    fn fits_scale(&self, dimension: Dimension, test: Test) -> bool {
        let key = self.keys.iter().find(|it| it.dimension == dimension);
        key.is_none_or(|it| Scale::of(test).is_none_or(|scale| scale == it.scale))
    }

    /// Puts the cells whose values satisfy an operator into a claim about the key.
    fn quantified(
        &mut self,
        operator: Operator,
        dimension: Dimension,
        multivalued: bool,
        absent: bool,
        mut cells: Bits,
    ) -> Node {
        let claim = match (multivalued, operator.quantifier) {
            (false, _) => {
                if absent {
                    cells.insert(cells.len() - 1);
                }
                Claim::In(cells)
            }
            (true, Some(Quantifier::ForAllValues)) if cells.is_empty() => Claim::Elements(false),
            (true, Some(Quantifier::ForAllValues)) => Claim::Every(cells),
            (true, Some(Quantifier::ForAnyValue)) => Claim::Some(cells),
            // C32: a multivalued key without set operator matches only by its absence.
            (true, None) if absent => Claim::Elements(false),
            (true, None) => return FALSE,
        };
        self.formulas.claim(dimension, claim)
    }

    /// A condition some of whose values have open variables.
    fn open_condition(
        &mut self,
        condition: &'a Condition,
        operator: Operator,
        dimension: Dimension,
        multivalued: bool,
        absent: bool,
    ) -> Node {
        let plain = self.plain(condition, operator.test);
        let languages = &self.languages[dimension as usize];
        let at = languages.iter().position(|it| *it == plain);
        let valid = languages
            .iter()
            .position(|it| *it == super::values::valid_arn());
        let is_arn = operator.test == Test::Arn;
        let Cells::Values(values) = self.keys_cells(dimension) else {
            return FALSE;
        };
        let len = values.len() + usize::from(!multivalued);
        let (mut listed, mut others) = (Bits::none(len), Bits::none(len));
        for (cell, value) in values.iter().enumerate() {
            let counts = !is_arn || valid.is_some_and(|at| value.languages.contains(at));
            match at.is_some_and(|at| value.languages.contains(at)) {
                true if counts => listed.insert(cell),
                false if counts => others.insert(cell),
                _ => {}
            }
        }
        let mut templates = Vec::new();
        for value in &condition.values {
            let Reading::Open(wide) = reading(value, operator.test, &|it| self.resolve(it)) else {
                continue;
            };
            let letters = match reading(value, operator.test, &|it| self.as_letter(it)) {
                // The value of a variable in either case is another language than the value.
                Reading::Plain(patterns)
                    if !is_arn && operator.test != Test::StringEqualsIgnoreCase =>
                {
                    sentinels(patterns.into_iter().next().unwrap_or_default())
                }
                _ => Pattern::default(),
            };
            let variables: Vec<&Variable> = value.template.variables().collect();
            let text = value.template.text();
            let test = Some(operator.test);
            templates.push(self.template(dimension, text, test, &variables, wide, letters));
        }
        let any = self.formulas.or(templates);
        if !multivalued {
            let listed = self.formulas.claim(dimension, Claim::In(listed));
            let others = self.formulas.claim(dimension, Claim::In(others));
            let present = if operator.negated {
                let not = self.formulas.not(any);
                self.formulas.and([others, not])
            } else {
                let valid = is_arn.then(|| self.valid(dimension, valid));
                let any = self.formulas.and([any, valid.unwrap_or(TRUE)]);
                self.formulas.or([listed, any])
            };
            let gone = Claim::In(Bits::one(len, len - 1));
            let gone = if absent {
                self.formulas.claim(dimension, gone)
            } else {
                FALSE
            };
            return self.formulas.or([present, gone]);
        }
        if operator.quantifier.is_none() {
            return self.quantified(operator, dimension, true, absent, Bits::none(len));
        }
        // Of a list with variables only this much is certain: whether the plain values alone
        // settle it.
        self.approximate = Some(Doubt {
            reason: DoubtReason::MultivaluedVariable,
            detail: format!(
                "`{}` on `{}`",
                condition.operator_text.text, condition.key_text.text
            ),
        });
        let all = Bits::all(len);
        let (surely, maybe) = if operator.negated {
            (Bits::none(len), others)
        } else {
            (listed, all)
        };
        let (_, node) = self.free();
        let surely = self.quantified(operator, dimension, true, absent, surely);
        let maybe = self.quantified(operator, dimension, true, absent, maybe);
        let low = self.formulas.implies(surely, node);
        let high = self.formulas.implies(node, maybe);
        self.facts.extend([low, high]);
        node
    }

    fn valid(&mut self, dimension: Dimension, valid: Option<usize>) -> Node {
        let Some(at) = valid else { return TRUE };
        let key = self.keys.iter().find(|it| it.dimension == dimension);
        let folded = key.map(|it| it.folded.clone()).unwrap_or_default();
        self.key_some(&folded, |it| it.languages.contains(at))
    }

    /// A condition on a key with too many cells: its languages as they are.
    fn text_condition(
        &mut self,
        condition: &'a Condition,
        operator: Operator,
        dimension: Dimension,
        absent: bool,
    ) -> Node {
        let is_plain = matches!(
            operator.test,
            Test::StringEquals | Test::StringLike | Test::StringEqualsIgnoreCase | Test::Arn
        );
        let malformed = operator.test == Test::Arn
            && condition
                .values
                .iter()
                .any(|it| is_malformed_arn(it.template.text()));
        if !is_plain || malformed || condition.values.is_empty() {
            return self.doubtful(DoubtReason::Budget, condition);
        }
        let listed = self.plain(condition, operator.test);
        let listed = self.in_language(dimension, listed);
        let mut valid = TRUE;
        if operator.test == Test::Arn {
            valid = self.in_language(dimension, super::values::valid_arn());
        }
        let gone = self.formulas.claim(dimension, Claim::Text(false));
        let there = self.formulas.not(gone);
        let matched = if operator.negated {
            self.formulas.not(listed)
        } else {
            listed
        };
        let present = self.formulas.and([there, matched, valid]);
        let gone = if absent { gone } else { FALSE };
        self.formulas.or([present, gone])
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

/// Turns the units that stand for variables into letters.
fn sentinels(letters: Pattern) -> Pattern {
    letters
        .iter()
        .map(|letter| match letter {
            Letter::Unit(unit) | Letter::Choice([unit, _, _])
                if (FIRST_SENTINEL..FIRST_SENTINEL + 8).contains(unit) =>
            {
                Letter::Variable(unit - FIRST_SENTINEL)
            }
            letter => *letter,
        })
        .collect()
}

/// C25: what an ARN list takes for malformed.
fn is_malformed_arn(text: &str) -> bool {
    text != "*"
        && (text.bytes().filter(|it| *it == b':').count() < 5 || !text.starts_with(['a', '*', '?']))
}

/// A variable by what decides its value: with another default it is another one, unless the key is
/// known to have a value.
fn variable_name(variable: &Variable, assignment: &Assignment) -> String {
    let is_there = assignment
        .iter()
        .any(|(key, setting)| **key == *variable.key && matches!(setting, Setting::Other(_)));
    match &variable.default {
        Some(default) if !is_there => format!("{}, {default}", variable.key),
        _ => variable.key.to_string(),
    }
}

/// Returns the policy variables of a statement.
pub(super) fn variables_of(statement: &Statement) -> impl Iterator<Item = &Variable> {
    let resources = statement.resource.iter().flat_map(|it| &it.patterns);
    let resources = resources.flat_map(|it| it.template.variables());
    let conditions = statement.conditions.iter().flat_map(|it| &it.values);
    let is_text = |operand: &Operand| matches!(operand, Operand::Text);
    let conditions = conditions
        .filter(move |it| is_text(&it.operand))
        .flat_map(|it| it.template.variables());
    resources.chain(conditions)
}
