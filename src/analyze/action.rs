//! Classes of actions: actions that the same statements name, with one name for each class.
//!
//! An action is `prefix:name`, both without regard to letter case (A1). In the open reading any
//! such text may be an action, so tomorrow's counts; in the catalog's reading only its actions and
//! those that a policy spells out.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use rustc_hash::{FxHashMap, FxHashSet};

use super::automaton::{OverBudget, Word};
use super::bits::Bits;
use super::language::{Language, Letter, glob, literal, text_of};
use super::memo::Memo;
use crate::catalog::Catalog;
use crate::policy::ActionElement;

/// Actions that the same statements name.
#[derive(Clone, Debug)]
pub(super) struct Class {
    /// The statements.
    pub(super) members: Bits,
    /// One of the actions, in lower case.
    pub(super) action: String,
    /// Whether the policies spell the action out; else it stands for others, too.
    pub(super) is_literal: bool,
}

/// The action patterns of all statements of a question.
pub(super) struct Actions<'a> {
    services: Vec<Service<'a>>,
    by_prefix: FxHashMap<&'a str, usize>,
    /// Statements with `*`.
    everything: Bits,
    /// Patterns with a wildcard in the service's part, but for `*`.
    across: Vec<(&'a str, usize)>,
    /// Statements with `NotAction`.
    negated: Bits,
    /// Whether actions that the policies spell out are classes of their own.
    distinct: bool,
}

/// Globs by what they look like.
struct Globs<'a> {
    /// A text and a star behind it: the statements by the text.
    starts: FxHashMap<&'a str, Vec<usize>>,
    /// The lengths of these texts.
    lengths: Vec<usize>,
    others: Vec<(&'a str, usize)>,
}

struct Service<'a> {
    prefix: &'a str,
    /// Names without wildcards with their statements, sorted when they are first needed.
    names: OnceCell<Vec<(&'a str, usize)>>,
    unsorted: Vec<(&'a str, usize)>,
    /// Names that no pattern has to spell out to be told apart.
    singled: Vec<&'a str>,
    globs: Vec<(&'a str, usize)>,
    /// Of the globs those that are a text and a star behind it, by their text, and the rest.
    sorted_globs: OnceCell<Globs<'a>>,
}

impl<'a> Service<'a> {
    /// Returns the names, sorted.
    fn names(&self) -> &[(&'a str, usize)] {
        self.names.get_or_init(|| {
            let mut names = self.unsorted.clone();
            names.sort_unstable();
            names
        })
    }

    /// Returns the statements that spell a name out.
    fn spelling(&self, name: &str) -> &[(&'a str, usize)] {
        let names = self.names();
        let start = names.partition_point(|(it, _)| *it < name);
        let count = names[start..].partition_point(|(it, _)| *it == name);
        &names[start..start + count]
    }

    /// Adds the statements with a glob that matches a name.
    fn matching(&self, name: &str, named: &mut Bits) {
        const FEW: usize = 16;
        if self.globs.len() <= FEW {
            for (pattern, at) in &self.globs {
                if !named.contains(*at) && crate::pattern::matches_folded(pattern, name) {
                    named.insert(*at);
                }
            }
            return;
        }
        let Globs {
            starts,
            lengths,
            others,
        } = self.sorted_globs.get_or_init(|| {
            let mut starts: FxHashMap<&'a str, Vec<usize>> = FxHashMap::default();
            let (mut lengths, mut others) = (Vec::new(), Vec::new());
            for (pattern, at) in &self.globs {
                match pattern.strip_suffix('*') {
                    Some(start) if !start.contains(['*', '?']) => {
                        starts.entry(start).or_default().push(*at);
                        lengths.push(start.len());
                    }
                    _ => others.push((*pattern, *at)),
                }
            }
            lengths.sort_unstable();
            lengths.dedup();
            Globs {
                starts,
                lengths,
                others,
            }
        });
        for length in lengths {
            for at in name
                .get(..*length)
                .and_then(|it| starts.get(it))
                .into_iter()
                .flatten()
            {
                named.insert(*at);
            }
        }
        for (pattern, at) in others {
            if !named.contains(*at) && crate::pattern::matches_folded(pattern, name) {
                named.insert(*at);
            }
        }
    }

    fn has(&self, statements: &Bits) -> bool {
        let of = |list: &[(&str, usize)]| list.iter().any(|(_, at)| statements.contains(*at));
        of(&self.globs) || of(&self.unsorted)
    }
}

impl<'a> Actions<'a> {
    pub(super) fn new(
        elements: impl ExactSizeIterator<Item = &'a ActionElement>,
        distinct: bool,
    ) -> Self {
        let count = elements.len();
        let mut actions = Self {
            services: Vec::new(),
            by_prefix: FxHashMap::default(),
            everything: Bits::none(count),
            across: Vec::new(),
            negated: Bits::none(count),
            distinct,
        };
        let mut last = usize::MAX;
        for (at, element) in elements.enumerate() {
            if element.negated {
                actions.negated.insert(at);
            }
            for pattern in &element.patterns {
                actions.add(pattern.folded(), pattern.has_wildcard(), at, &mut last);
            }
        }
        actions
    }

    /// Adds a pattern; `last` is the service of the one before, which is often its own.
    fn add(&mut self, text: &'a str, wildcard: bool, at: usize, last: &mut usize) {
        if text == "*" {
            self.everything.insert(at);
            return;
        }
        let Some((prefix, name)) = text.split_once(':') else {
            if wildcard {
                self.across.push((text, at));
            }
            return;
        };
        if wildcard && prefix.contains(['*', '?']) {
            self.across.push((text, at));
            return;
        }
        if prefix.is_empty() || name.is_empty() {
            return;
        }
        let is_last = |it: &Service<'_>| it.prefix == prefix;
        if !self.services.get(*last).is_some_and(is_last) {
            *last = self.entry(prefix);
        }
        let service = &mut self.services[*last];
        if wildcard && name.contains(['*', '?']) {
            service.globs.push((name, at));
        } else {
            service.unsorted.push((name, at));
        }
    }

    /// Returns the place of a service, which may be new.
    fn entry(&mut self, prefix: &'a str) -> usize {
        *self.by_prefix.entry(prefix).or_insert_with(|| {
            self.services.push(Service {
                prefix,
                names: OnceCell::new(),
                unsorted: Vec::new(),
                singled: Vec::new(),
                globs: Vec::new(),
                sorted_globs: OnceCell::new(),
            });
            self.services.len() - 1
        })
    }

    /// Makes a service, and some of its actions, classes of their own.
    pub(super) fn single_out(&mut self, service: &'a str, names: impl Iterator<Item = &'a str>) {
        let at = self.entry(service);
        self.services[at].singled.extend(names);
    }

    fn service(&self, prefix: &str) -> Option<&Service<'a>> {
        self.by_prefix.get(prefix).map(|at| &self.services[*at])
    }

    /// Returns the statements that name an action, by its service and name in lower case.
    pub(super) fn members(&self, service: &str, name: &str) -> Bits {
        let mut named = self.everything.clone();
        if let Some(own) = self.service(service) {
            for (_, at) in own.spelling(name) {
                named.insert(*at);
            }
            own.matching(name, &mut named);
        }
        if !self.across.is_empty() {
            let full = format!("{service}:{name}");
            for (pattern, at) in &self.across {
                if crate::pattern::matches_folded(pattern, &full) {
                    named.insert(*at);
                }
            }
        }
        self.negate(named)
    }

    fn negate(&self, named: Bits) -> Bits {
        if self.negated.is_empty() {
            return named;
        }
        let negated = self.negated.and(&named.complement());
        named.and(&self.negated.complement()).or(&negated)
    }

    /// Visits every class that one of the `leading` statements names; services of which `rivals`
    /// name nothing come first.
    pub(super) fn visit<B>(
        &self,
        leading: &Bits,
        rivals: &Bits,
        catalog: Option<&Catalog>,
        (memo, budget): (&Memo, usize),
        mut visit: impl FnMut(Class) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, OverBudget> {
        let reaches_all = !leading.is_disjoint(&self.everything)
            || !leading.is_disjoint(&self.negated)
            || self.across.iter().any(|(_, at)| leading.contains(*at));
        let rivals_everywhere = !rivals.is_disjoint(&self.everything)
            || !rivals.is_disjoint(&self.negated)
            || self.across.iter().any(|(_, at)| rivals.contains(*at));
        let own = self.services.iter();
        let mut services: Vec<&Service<'_>> =
            own.filter(|it| reaches_all || it.has(leading)).collect();
        if !rivals_everywhere {
            services.sort_by_cached_key(|it| it.has(rivals));
        }
        for service in services {
            let flow = self.visit_service(
                service,
                leading,
                reaches_all,
                catalog,
                (memo, budget),
                &mut visit,
            )?;
            if flow.is_break() {
                return Ok(flow);
            }
        }
        if !reaches_all {
            return Ok(ControlFlow::Continue(()));
        }
        self.visit_other_services(leading, catalog, (memo, budget), &mut visit)
    }

    fn visit_service<B>(
        &self,
        service: &Service<'_>,
        leading: &Bits,
        reaches_all: bool,
        catalog: Option<&Catalog>,
        limit: (&Memo, usize),
        visit: &mut impl FnMut(Class) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, OverBudget> {
        let prefix = service.prefix;
        let has_glob = reaches_all || service.globs.iter().any(|(_, at)| leading.contains(*at));
        let mut seen: FxHashSet<Bits> = FxHashSet::default();
        for name in &service.singled {
            let members = self.members(prefix, name);
            if members.is_disjoint(leading) {
                continue;
            }
            let flow = visit(Class {
                members,
                action: format!("{prefix}:{name}"),
                is_literal: true,
            });
            if flow.is_break() {
                return Ok(flow);
            }
        }
        let mut offer = |members: Bits, name: &str, is_literal: bool| {
            let is_alone = is_literal && self.distinct;
            if members.is_disjoint(leading) || seen.contains(&members) {
                return ControlFlow::Continue(());
            }
            if !is_alone {
                seen.insert(members.clone());
            }
            visit(Class {
                members,
                action: format!("{prefix}:{name}"),
                is_literal,
            })
        };
        // Two actions that policies spell out are one class to the policies, but the catalog can
        // tell them apart: by their resource types and keys.
        // Classes of more than a name first, so that a literal one is a class that has no other.
        if has_glob && catalog.is_none() {
            for name in self.open_names(service, limit)? {
                let flow = offer(self.members(prefix, &name), &name, false);
                if flow.is_break() {
                    return Ok(flow);
                }
            }
        }
        if has_glob && let Some(known) = catalog.and_then(|it| it.service(prefix)) {
            for action in known.actions() {
                let name = action.name.to_ascii_lowercase();
                let flow = offer(self.members(prefix, &name), &name, false);
                if flow.is_break() {
                    return Ok(flow);
                }
            }
        }
        let mut before = "";
        for (name, at) in service.names() {
            if *name == before || !has_glob && !leading.contains(*at) {
                continue;
            }
            before = name;
            let flow = offer(self.members(prefix, name), name, true);
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Returns names that no statement spells out, one for each combination of patterns.
    fn open_names(
        &self,
        service: &Service<'_>,
        (memo, budget): (&Memo, usize),
    ) -> Result<Vec<String>, OverBudget> {
        let prefix = service.prefix;
        let mut by_statement: BTreeMap<usize, Language> = BTreeMap::new();
        for (pattern, at) in &service.globs {
            by_statement
                .entry(*at)
                .or_default()
                .patterns
                .push(glob(pattern));
        }
        let across = !self.across.is_empty();
        if across {
            // Whole texts instead of names.
            for language in by_statement.values_mut() {
                for pattern in &mut language.patterns {
                    let start = prefix
                        .encode_utf16()
                        .chain([u16::from(b':')])
                        .map(Letter::Unit);
                    *pattern = start.chain(pattern.iter().copied()).collect();
                }
            }
            for (pattern, at) in &self.across {
                by_statement
                    .entry(*at)
                    .or_default()
                    .patterns
                    .push(glob(pattern));
            }
        }
        let mut languages: Vec<Language> = by_statement.into_values().collect();
        let start = if across {
            format!("{prefix}:")
        } else {
            String::new()
        };
        let is_plain = languages
            .iter()
            .flat_map(|it| &it.patterns)
            .all(|it| super::language::look(it) != super::language::Look::General);
        if across || !is_plain {
            // A name has at least one letter.
            languages.push(Language::one(glob(&format!("{start}?*"))));
        }
        let mut names = Vec::new();
        for cell in memo.cells(&languages, budget)?.iter() {
            if (across || !is_plain) && !cell.vector.contains(languages.len() - 1) {
                continue;
            }
            let text = text_of(&cell.word);
            let name = text.strip_prefix(&start).unwrap_or(&text).to_owned();
            if service.spelling(&name).is_empty() && !name.is_empty() {
                names.push(name);
                continue;
            }
            let mut inside: Vec<&Language> = Vec::new();
            let mut outside: Vec<&Language> = Vec::new();
            for (at, language) in languages.iter().enumerate() {
                if cell.vector.contains(at) {
                    &mut inside
                } else {
                    &mut outside
                }
                .push(language);
            }
            let spelt = Language {
                patterns: service
                    .names()
                    .iter()
                    .map(|(name, _)| literal(&format!("{start}{name}")))
                    .chain([literal(&start)])
                    .collect(),
            };
            outside.push(&spelt);
            if let Word::Found(word) = memo.find_word(&inside, &outside, budget)? {
                let text = text_of(&word);
                names.push(text.strip_prefix(&start).unwrap_or(&text).to_owned());
            }
        }
        Ok(names)
    }

    fn visit_other_services<B>(
        &self,
        leading: &Bits,
        catalog: Option<&Catalog>,
        limit: (&Memo, usize),
        visit: &mut impl FnMut(Class) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, OverBudget> {
        let mut seen: FxHashSet<Bits> = FxHashSet::default();
        let mut offer = |members: Bits, action: String, is_literal: bool| {
            if members.is_disjoint(leading) || !seen.insert(members.clone()) {
                return ControlFlow::Continue(());
            }
            visit(Class {
                members,
                action,
                is_literal,
            })
        };
        if let Some(catalog) = catalog {
            for prefix in catalog.service_prefixes() {
                if self.by_prefix.contains_key(prefix) {
                    continue;
                }
                if self.across.is_empty() {
                    // All actions of all such services are alike: one name is enough.
                    let Some(action) = catalog.service(prefix).and_then(|it| it.actions().first())
                    else {
                        continue;
                    };
                    let name = action.name.to_ascii_lowercase();
                    return Ok(offer(
                        self.members(prefix, &name),
                        format!("{prefix}:{name}"),
                        false,
                    ));
                }
                for action in catalog
                    .service(prefix)
                    .into_iter()
                    .flat_map(|it| it.actions())
                {
                    let name = action.name.to_ascii_lowercase();
                    let members = self.members(prefix, &name);
                    let flow = offer(members, format!("{prefix}:{name}"), false);
                    if flow.is_break() {
                        return Ok(flow);
                    }
                }
            }
            return Ok(ControlFlow::Continue(()));
        }
        if self.across.is_empty() {
            let prefix = (0..)
                .map(|at| match at {
                    0 => "service".to_owned(),
                    at => format!("service{at}"),
                })
                .find(|it| !self.by_prefix.contains_key(it.as_str()))
                .unwrap_or_default();
            return Ok(offer(
                self.members(&prefix, "action"),
                format!("{prefix}:action"),
                false,
            ));
        }
        let mut languages: BTreeMap<usize, Language> = BTreeMap::new();
        for (pattern, at) in &self.across {
            languages
                .entry(*at)
                .or_default()
                .patterns
                .push(glob(pattern));
        }
        let mut languages: Vec<Language> = languages.into_values().collect();
        let mut form = vec![
            Letter::OneInPart,
            Letter::AnyInPart,
            Letter::Unit(u16::from(b':')),
        ];
        form.extend([Letter::One, Letter::Any]);
        let named = self
            .services
            .iter()
            .map(|it| glob(&format!("{}:*", it.prefix)));
        languages.push(Language::one(form.into()));
        languages.push(Language {
            patterns: named.collect(),
        });
        let (memo, budget) = limit;
        for cell in memo.cells(&languages, budget)?.iter() {
            let is_action = cell.vector.contains(languages.len() - 2);
            if !is_action || cell.vector.contains(languages.len() - 1) {
                continue;
            }
            let text = text_of(&cell.word);
            let Some((prefix, name)) = text.split_once(':') else {
                continue;
            };
            let flow = offer(self.members(prefix, name), text.clone(), false);
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Returns the actions of the catalog that are in a class.
    pub(super) fn catalog_actions<'c>(
        &'c self,
        class: &Class,
        catalog: &'c Catalog,
    ) -> Box<dyn Iterator<Item = (&'c str, &'c crate::catalog::Action)> + 'c> {
        let Some((prefix, name)) = class.action.split_once(':') else {
            return Box::new(std::iter::empty());
        };
        if class.is_literal {
            let known = catalog.service(prefix);
            let action = known.and_then(|it| Some((it.prefix(), it.action(name)?)));
            return Box::new(action.into_iter());
        }
        let services: Vec<&'c str> = match self.by_prefix.contains_key(prefix) {
            true => catalog
                .service(prefix)
                .map(|it| it.prefix())
                .into_iter()
                .collect(),
            false => catalog
                .service_prefixes()
                .filter(|it| !self.by_prefix.contains_key(*it))
                .collect(),
        };
        let members = class.members.clone();
        let all = services
            .into_iter()
            .filter_map(|it| catalog.service(it))
            .flat_map(|it| it.actions().iter().map(move |action| (it.prefix(), action)));
        Box::new(all.filter(move |(prefix, action)| {
            self.members(prefix, &action.name.to_ascii_lowercase()) == members
        }))
    }
}
