//! What a document says twice: texts that another text of the same list covers, statements that
//! differ in nothing or in one list, and statements that may well be covered by others.
//!
//! These are looks at texts, cheap and often right; that something changes nothing is for the exact
//! analysis to show.

use rustc_hash::FxHashMap;

use super::subject::{MOST_STATEMENTS, Subject};
use crate::analyze::{Analysis, Idle, IdleStatement};
use crate::pattern;
use crate::policy::{
    ActionElement, Condition, ConditionValue, Document, Effect, Operand, Operator, ResourceElement,
    Statement, Test,
};
use crate::source::Span;

/// So many statements of a document are put to the exact analysis at most.
const MOST_QUESTIONS: usize = 3;

/// So many texts of actions, resources and conditions a question may be about.
const MOST_TEXTS: usize = 60;

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
        let (inner, outer) = (texts[*inner], texts[*outer]);
        // A bucket and its objects: whoever leaves the second out leaves readers in doubt.
        let is_pair = inner.strip_suffix("/*") == Some(outer) && outer.starts_with("arn:");
        !is_pair && covers_text(outer, inner)
    });
    found
}

/// Returns whether the text of a resource surely covers another one.
fn covers_text(outer: &str, inner: &str) -> bool {
    let is_plain = |text: &str| {
        !text.contains("${*}") && !text.contains("${?}") && !pattern::is_confined(text)
    };
    let is_long = |text: &str| text == "*" || text.bytes().filter(|it| *it == b':').count() > 4;
    inner == outer
        || outer == "*"
        || is_plain(outer) && is_long(inner) && is_long(outer) && includes(outer, inner)
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

    /// Returns the statements that could be left out, each proven by the exact analysis. The texts
    /// say which are worth the question, and beside which others.
    pub(super) fn find_idle(&self) -> Vec<IdleStatement> {
        let statements = &self.document.statements;
        let mut is_left = vec![true; statements.len()];
        let mut found = Vec::new();
        let mut questions = MOST_QUESTIONS;
        for at in (0..statements.len()).rev() {
            if let Some(why) = self.plain_reason(at, &is_left) {
                is_left[at] = false;
                found.push(IdleStatement {
                    document: 0,
                    statement: at,
                    why,
                });
                continue;
            }
            if questions == 0 {
                continue;
            }
            let Some(mut beside) = helpers(statements, at, &is_left) else {
                continue;
            };
            beside.push(at);
            if beside
                .iter()
                .map(|it| size(&statements[*it]))
                .sum::<usize>()
                > MOST_TEXTS
            {
                continue;
            }
            questions -= 1;
            beside.sort_unstable();
            let own = beside.iter().position(|it| *it == at).unwrap_or_default();
            let few = Document {
                statements: beside.iter().map(|it| statements[*it].clone()).collect(),
                problems: Vec::new(),
                ..self.document.clone()
            };
            let few = std::slice::from_ref(&few);
            // What AWS lists of keys and resource types is not always all: a proof that a statement
            // does nothing rests on its text alone.
            let pure = Analysis {
                pure: true,
                ..self.analysis()
            };
            let idle = pure.idle_among(few, |_, it| it == own);
            for mut idle in idle {
                idle.statement = at;
                if let Idle::Redundant { by: Some((_, by)) } = &mut idle.why {
                    *by = beside.get(*by).copied().unwrap_or_default();
                }
                is_left[at] = matches!(idle.why, Idle::DeniesNothing);
                found.push(idle);
            }
        }
        found.reverse();
        found
    }

    /// Returns why a statement changes nothing, where one other statement names all of its actions and
    /// resources and has no condition that it has not.
    fn plain_reason(&self, at: usize, is_left: &[bool]) -> Option<Idle> {
        let statements = &self.document.statements;
        let own = &statements[at];
        let covers = |other: usize| {
            let it = &statements[other];
            let same_principal = match (&it.principal, &own.principal) {
                (None, None) => true,
                (Some(a), Some(b)) => a.negated == b.negated && self.same_text(a.span, b.span),
                _ => false,
            };
            let mut conditions = it.conditions.iter();
            same_principal
                && names_all_actions(&it.action, &own.action)
                && names_all_resources(it, own)
                && conditions.all(|it| own.conditions.iter().any(|own| same_condition(it, own)))
        };
        let find = |effect| {
            let mut others = (0..statements.len()).filter(|it| *it != at && is_left[*it]);
            others.find(|it| statements[*it].effect == effect && covers(*it))
        };
        if own.effect == Effect::Allow && find(Effect::Deny).is_some() {
            return Some(Idle::Shadowed);
        }
        let by = find(own.effect)?;
        Some(Idle::Redundant { by: Some((0, by)) })
    }

    /// Returns the statements whose conditions on one key contradict each other, so that no request
    /// matches them whatever its action and resource, each with the index of such a condition.
    #[must_use]
    pub fn contradictions(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (at, statement) in self.document.statements.iter().enumerate() {
            let conditions = &statement.conditions;
            for (index, condition) in conditions.iter().enumerate() {
                let mut earlier = conditions[..index].iter();
                let is_pair = |it: &Condition| it.key == condition.key && exclude(it, condition);
                if earlier.any(is_pair) && !self.is_multivalued(&condition.key_text.text) {
                    found.push((at, index));
                    break;
                }
            }
        }
        found
    }

    fn is_multivalued(&self, key: &str) -> bool {
        let known = self.memo.catalog().condition_key(key);
        known.is_some_and(|it| it.multivalued)
    }
}

/// Returns whether two conditions on one key that has one value never hold together. Numbers, dates
/// and networks are not compared.
fn exclude(a: &Condition, b: &Condition) -> bool {
    let (Some(one), Some(other)) = (a.operator, b.operator) else {
        return false;
    };
    let is_loose = |it: Operator| it.if_exists || it.quantifier.is_some();
    if is_loose(one) || is_loose(other) {
        return false;
    }
    let says = |it: &Condition, truth| {
        it.values
            .iter()
            .all(|it| it.operand == Operand::Truth(truth))
    };
    match (one.test, other.test) {
        (Test::Null, Test::Null) | (Test::Bool, Test::Bool) => {
            says(a, true) && says(b, false) || says(a, false) && says(b, true)
        }
        // Without the key, only the negated operators hold (C6).
        (Test::Null, _) => says(a, true) && !other.negated,
        (_, Test::Null) => says(b, true) && !one.negated,
        _ if !is_text(one.test) || !is_text(other.test) => false,
        _ => match (one.negated, other.negated) {
            (false, false) => !a.values.iter().any(|it| meets_any(it, b)),
            (false, true) => a.values.iter().all(|it| is_barred(it, b)),
            (true, false) => b.values.iter().all(|it| is_barred(it, a)),
            (true, true) => false,
        },
    }
}

const fn is_text(test: Test) -> bool {
    matches!(
        test,
        Test::StringEquals | Test::StringEqualsIgnoreCase | Test::StringLike | Test::Arn
    )
}

/// Returns whether a value and one of a condition's have a text in common, letter case aside.
fn meets_any(value: &ConditionValue, condition: &Condition) -> bool {
    let same = |a: u8, b: u8| a.eq_ignore_ascii_case(&b);
    let text = value.template.text();
    condition.values.iter().any(|it| {
        value.template.has_variables()
            || it.template.has_variables()
            || pattern::overlap(text, it.template.text(), same)
    })
}

/// Returns whether a negated condition bars every text that a value stands for.
fn is_barred(value: &ConditionValue, condition: &Condition) -> bool {
    let text = value.template.text();
    condition.values.iter().any(|it| {
        let bar = it.template.text();
        bar == text
            || condition
                .operator
                .is_some_and(|it| it.test == Test::StringLike)
                && !it.template.has_variables()
                && !value.template.has_variables()
                && pattern::includes(bar, text, |a, b| a == b)
    })
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

/// Returns how many texts a statement has.
fn size(statement: &Statement) -> usize {
    let resources = statement
        .resource
        .as_ref()
        .map_or(0, |it| it.patterns.len());
    let values = statement.conditions.iter().map(|it| it.values.len());
    statement.action.patterns.len() + resources + values.sum::<usize>()
}

/// Returns the other statements that may, by their texts, make a statement redundant or take all of
/// it away; `None` where neither is likely.
fn helpers(statements: &[Statement], at: usize, is_left: &[bool]) -> Option<Vec<usize>> {
    let own = &statements[at];
    let mut found = Vec::new();
    let mut is_covered = false;
    for effect in [own.effect, Effect::Deny] {
        if effect == Effect::Deny && own.effect == Effect::Deny && !found.is_empty() {
            break;
        }
        let same: Vec<usize> = (0..statements.len())
            .filter(|it| *it != at && is_left[*it] && statements[*it].effect == effect)
            .filter(|it| may_hold(&statements[*it], own))
            .collect();
        // Mostly the first action that is looked for is not there.
        if same.is_empty() || !covers_actions(|| same.iter().map(|it| &statements[*it]), own) {
            continue;
        }
        let others: Vec<usize> = same
            .into_iter()
            .filter(|it| meets(&statements[*it], own))
            .collect();
        if others.is_empty() {
            continue;
        }
        let all = || others.iter().map(|it| &statements[*it]);
        is_covered |= covers_actions(all, own) && covers_resources(all, own);
        found.extend(others);
    }
    is_covered.then_some(found)
}

/// Returns whether the conditions of a statement may hold wherever those of another one do: it has
/// none on further keys, and of those with the same operator the values may take in the other's.
fn may_hold(other: &Statement, own: &Statement) -> bool {
    other.conditions.iter().all(|it| {
        let mut same = own
            .conditions
            .iter()
            .filter(|own| own.key == it.key)
            .peekable();
        same.peek().is_some()
            && same.any(|own| {
                if own.operator != it.operator {
                    return true;
                }
                let is_negated = it.operator.is_some_and(|it| it.negated);
                let (wide, narrow) = if is_negated { (own, it) } else { (it, own) };
                narrow.values.iter().all(|narrow| {
                    let text = narrow.template.text();
                    wide.values
                        .iter()
                        .any(|it| includes(it.template.text(), text))
                })
            })
    })
}

/// Returns whether a statement names some of the actions and some of the resources of another one.
fn meets(other: &Statement, own: &Statement) -> bool {
    let mut actions = own.action.patterns.iter();
    let is_open = other.action.negated || own.action.negated;
    let has_action = is_open
        || actions.any(|own| {
            let mut others = other.action.patterns.iter();
            others.any(|it| includes(it.folded(), own.folded()))
        });
    let (Some(wide), Some(narrow)) = (&other.resource, &own.resource) else {
        return has_action;
    };
    let mut resources = narrow.patterns.iter();
    has_action
        && (wide.negated
            || narrow.negated
            || resources.any(|own| {
                let mut others = wide.patterns.iter();
                others.any(|it| includes(it.template.text(), own.template.text()))
            }))
}

/// Returns whether an element surely matches every action that another one matches.
fn names_all_actions(wide: &ActionElement, narrow: &ActionElement) -> bool {
    if wide.negated || narrow.negated {
        return same_actions(wide, narrow);
    }
    narrow.patterns.iter().all(|own| {
        let mut others = wide.patterns.iter();
        others.any(|it| includes(it.folded(), own.folded()))
    })
}

/// Returns whether a statement surely matches every resource that another one matches.
fn names_all_resources(wide: &Statement, narrow: &Statement) -> bool {
    let (Some(own), Some(others)) = (&narrow.resource, &wide.resource) else {
        return same_resources(wide, narrow);
    };
    if own.negated || others.negated {
        return same_resources(wide, narrow);
    }
    own.patterns.iter().all(|own| {
        let text = own.template.text();
        let mut others = others.patterns.iter();
        others.any(|it| covers_text(it.template.text(), text))
    })
}

fn covers_actions<'s, I: Iterator<Item = &'s Statement>>(
    others: impl Fn() -> I,
    own: &Statement,
) -> bool {
    let actions = &own.action;
    if actions.negated {
        return others()
            .any(|it| it.action.negated || it.action.patterns.iter().any(|it| &*it.text == "*"));
    }
    actions.patterns.iter().all(|own| {
        let covers = |it: &Statement| {
            let mut patterns = it.action.patterns.iter();
            it.action.negated || patterns.any(|it| includes(it.folded(), own.folded()))
        };
        others().any(covers)
    })
}

fn covers_resources<'s, I: Iterator<Item = &'s Statement>>(
    others: impl Fn() -> I,
    own: &Statement,
) -> bool {
    let Some(resources) = &own.resource else {
        return true;
    };
    let is_open = |it: &Statement| it.resource.as_ref().is_none_or(|it| it.negated);
    if resources.negated {
        return others().any(|it| {
            let mut patterns = it.resource.iter().flat_map(|it| it.patterns.iter());
            is_open(it) || patterns.any(|it| it.is_everything())
        });
    }
    resources.patterns.iter().all(|own| {
        let text = own.template.text();
        let covers = |it: &Statement| {
            let mut patterns = it.resource.iter().flat_map(|it| it.patterns.iter());
            is_open(it) || patterns.any(|it| includes(it.template.text(), text))
        };
        others().any(covers)
    })
}

/// Most texts differ in their first letters.
fn includes(outer: &str, inner: &str) -> bool {
    outer == inner || pattern::has_wildcard(outer) && pattern::includes(outer, inner, |a, b| a == b)
}
