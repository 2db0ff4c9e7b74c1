//! What a document says twice: texts that another text of the same list covers, statements that
//! differ in nothing or in one list, and statements that may well be covered by others.
//!
//! These are looks at texts, cheap and often right; that something changes nothing is for the exact
//! analysis to show.

use rustc_hash::FxHashMap;

use super::subject::{MOST_STATEMENTS, Subject};
use crate::pattern;
use crate::policy::{
    ActionElement, Condition, Document, Effect, Operand, ResourceElement, Statement, Test,
};
use crate::source::Span;

/// Two statements that differ in nothing but the `Sid`, or in one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twin {
    /// The earlier statement, by its index.
    pub first: usize,
    /// The later one.
    pub second: usize,
    /// What they differ in.
    pub differ: Differ,
}

/// What two statements differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Differ {
    /// Nothing.
    Nothing,
    /// The actions.
    Actions,
    /// The resources.
    Resources,
}

/// Returns the action texts that another text of the list covers, each with that other one; of two
/// that say the same, the later.
#[must_use]
pub fn covered_actions(element: &ActionElement) -> Vec<(usize, usize)> {
    let texts: Vec<&str> = element.patterns.iter().map(|it| it.folded()).collect();
    covered(&texts, |text| text.split(':').next().unwrap_or_default())
}

/// Returns the resource texts that another text of the list covers, each with that other one; of
/// two that say the same, the later.
#[must_use]
pub fn covered_resources(element: &ResourceElement) -> Vec<(usize, usize)> {
    let patterns = element.patterns.iter();
    let texts: Vec<&str> = patterns.map(|it| it.template.text()).collect();
    let mut found = covered(&texts, |_| "");
    // Of a wildcard before the fifth colon only the plain reading is compared here, and `${*}` is
    // a star that is none (R6, R13, V7).
    found.retain(|(inner, outer)| {
        let is_plain = |text: &str| {
            !text.contains("${*}") && !text.contains("${?}") && !pattern::is_confined(text)
        };
        let is_long = |text: &str| text == "*" || text.bytes().filter(|it| *it == b':').count() > 4;
        let (inner, outer) = (texts[*inner], texts[*outer]);
        inner == outer || is_plain(outer) && is_long(inner) && is_long(outer)
    });
    found
}

/// A text can only be covered by one of its group, or by `*`.
fn covered<'t>(texts: &[&'t str], group: impl Fn(&'t str) -> &'t str) -> Vec<(usize, usize)> {
    if texts.len() < 2 {
        return Vec::new();
    }
    let same = |a, b| a == b;
    let mut wide: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    let mut everything = None;
    for (at, text) in texts.iter().enumerate() {
        if *text == "*" {
            everything = everything.or(Some(at));
        } else if pattern::has_wildcard(text) {
            wide.entry(group(text)).or_default().push(at);
        }
    }
    let mut seen: FxHashMap<&str, usize> = FxHashMap::default();
    let mut found = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        if let Some(first) = seen.get(text) {
            found.push((at, *first));
            continue;
        }
        seen.insert(text, at);
        if let Some(outer) = everything {
            if outer != at {
                found.push((at, outer));
            }
            continue;
        }
        let mut own = wide.get(group(text)).into_iter().flatten();
        let outer = own.find(|outer| {
            let other = texts[**outer];
            // Of two patterns that cover each other, such as `a**` and `a*`, the earlier stays.
            other != *text
                && pattern::includes(other, text, same)
                && (**outer < at || !pattern::includes(text, other, same))
        });
        found.extend(outer.map(|outer| (at, *outer)));
    }
    found
}

impl Subject<'_> {
    /// Returns the pairs of statements that differ in nothing or in one list; none in very long
    /// documents.
    #[must_use]
    pub fn twins(&self) -> &[Twin] {
        self.known.twins.get_or_init(|| {
            let statements = &self.document.statements;
            let mut found = Vec::new();
            if statements.len() > MOST_STATEMENTS {
                return found;
            }
            for (second, later) in statements.iter().enumerate() {
                for (first, earlier) in statements.iter().enumerate().take(second) {
                    let differ = self.difference(earlier, later);
                    found.extend(differ.map(|differ| Twin {
                        first,
                        second,
                        differ,
                    }));
                }
            }
            found
        })
    }

    fn difference(&self, a: &Statement, b: &Statement) -> Option<Differ> {
        if a.effect != b.effect || a.conditions.len() != b.conditions.len() {
            return None;
        }
        let (actions, resources) = (same_actions(&a.action, &b.action), same_resources(a, b));
        let differ = match (actions, resources) {
            (true, true) => Differ::Nothing,
            (false, true) if !a.action.negated && !b.action.negated => Differ::Actions,
            (true, false) => {
                let mut elements = [&a.resource, &b.resource].into_iter();
                let is_list = elements.all(|it| it.as_ref().is_some_and(|it| !it.negated));
                is_list.then_some(Differ::Resources)?
            }
            _ => return None,
        };
        let principals = match (&a.principal, &b.principal) {
            (None, None) => true,
            (Some(a), Some(b)) => a.negated == b.negated && self.same_text(a.span, b.span),
            _ => false,
        };
        let conditions = || {
            let mut own = a.conditions.iter();
            own.all(|it| b.conditions.iter().any(|other| same_condition(it, other)))
        };
        (principals && conditions()).then_some(differ)
    }

    /// Returns whether two places hold the same text, white space aside.
    fn same_text(&self, a: Span, b: Span) -> bool {
        let own = |span: Span| {
            let text = self.text.get(span.range()).unwrap_or_default();
            text.bytes().filter(|it| !it.is_ascii_whitespace())
        };
        own(a).eq(own(b))
    }

    /// Returns for each statement whether it may be moot, shadowed or covered by others, by a look
    /// at the texts: whether its conditions may contradict each other, or each of its actions and
    /// resources is covered by a text of another statement.
    pub(super) fn idle_candidates(&self) -> Vec<bool> {
        let statements = &self.document.statements;
        let is_worth = |(at, it): (usize, &Statement)| {
            may_be_moot(it)
                || covers_likely(self.document, at, it.effect)
                || it.effect == Effect::Allow && covers_likely(self.document, at, Effect::Deny)
        };
        statements.iter().enumerate().map(is_worth).collect()
    }
}

fn same_actions(a: &ActionElement, b: &ActionElement) -> bool {
    let has = |list: &ActionElement, text: &str| list.patterns.iter().any(|it| it.folded() == text);
    a.negated == b.negated
        && a.patterns.len() == b.patterns.len()
        && a.patterns.iter().all(|it| has(b, it.folded()))
        && b.patterns.iter().all(|it| has(a, it.folded()))
}

fn same_resources(a: &Statement, b: &Statement) -> bool {
    let (a, b) = match (&a.resource, &b.resource) {
        (None, None) => return true,
        (Some(a), Some(b)) => (a, b),
        _ => return false,
    };
    let has = |list: &ResourceElement, text: &str| {
        let mut patterns = list.patterns.iter();
        patterns.any(|it| it.template.text() == text)
    };
    a.negated == b.negated
        && a.patterns.len() == b.patterns.len()
        && a.patterns.iter().all(|it| has(b, it.template.text()))
        && b.patterns.iter().all(|it| has(a, it.template.text()))
}

fn same_condition(a: &Condition, b: &Condition) -> bool {
    let texts = |it: &Condition| {
        let values = it.values.iter();
        let mut texts: Vec<String> = values.map(|it| it.template.text().to_owned()).collect();
        texts.sort_unstable();
        texts
    };
    a.key == b.key && a.operator.is_some() && a.operator == b.operator && texts(a) == texts(b)
}

/// Returns whether a statement may never match: two conditions on one key, a key that must be
/// absent, or an element that excludes everything.
fn may_be_moot(statement: &Statement) -> bool {
    let conditions = &statement.conditions;
    let twice = conditions.iter().enumerate().any(|(at, it)| {
        let mut later = conditions[at + 1..].iter();
        later.any(|other| other.key == it.key)
    });
    let absent = conditions.iter().any(|it| {
        it.values.is_empty()
            || it.operator.is_some_and(|it| it.test == Test::Null)
                && it
                    .values
                    .iter()
                    .any(|it| it.operand == Operand::Truth(true))
    });
    let actions = &statement.action;
    let no_action = actions.negated && actions.patterns.iter().any(|it| &*it.text == "*");
    let no_resource = statement
        .resource
        .as_ref()
        .is_some_and(|it| it.negated && it.patterns.iter().any(|it| it.is_everything()));
    twice || absent || no_action || no_resource
}

/// Returns whether each action and each resource of a statement is covered by a text of some other
/// statement with this effect.
fn covers_likely(document: &Document, at: usize, effect: Effect) -> bool {
    let statement = &document.statements[at];
    let others = || {
        let all = document.statements.iter().enumerate();
        all.filter(move |(other, it)| *other != at && it.effect == effect)
            .map(|(_, it)| it)
            // A statement with more conditions than this one seldom covers it.
            .filter(|it| it.conditions.len() <= statement.conditions.len())
    };
    if others().next().is_none() {
        return false;
    }
    let is_open = |it: &Statement| it.action.negated;
    let actions = &statement.action;
    let same = |a, b| a == b;
    let has_actions = if actions.negated {
        others().any(|it| is_open(it) || it.action.patterns.iter().any(|it| &*it.text == "*"))
    } else {
        actions.patterns.iter().all(|own| {
            let covers = |it: &Statement| {
                let mut patterns = it.action.patterns.iter();
                is_open(it) || patterns.any(|it| includes(it.folded(), own.folded()))
            };
            others().any(covers)
        })
    };
    if !has_actions {
        return false;
    }
    let Some(resources) = &statement.resource else {
        return true;
    };
    let is_open = |it: &Statement| it.resource.as_ref().is_none_or(|it| it.negated);
    if resources.negated {
        return others().any(|it| {
            let own = it.resource.iter().flat_map(|it| it.patterns.iter());
            is_open(it) || own.into_iter().any(|it| it.is_everything())
        });
    }
    resources.patterns.iter().all(|own| {
        let covers = |it: &Statement| {
            let mut patterns = it.resource.iter().flat_map(|it| it.patterns.iter());
            is_open(it)
                || patterns
                    .any(|it| pattern::includes(it.template.text(), own.template.text(), same))
        };
        others().any(covers)
    })
}

/// Most texts differ in their first letters.
fn includes(outer: &str, inner: &str) -> bool {
    outer == inner || pattern::has_wildcard(outer) && pattern::includes(outer, inner, |a, b| a == b)
}
