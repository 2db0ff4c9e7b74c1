//! Which statements matter to which, by a look at their texts.
//!
//! Both looks only ever leave out what cannot matter: a statement whose resources share no text
//! with another one's never applies beside it, and a request that one statement allows needs no
//! second thought where another one visibly allows it too.

use rustc_hash::FxHashMap;

use super::compose::{Item, Layer};
use super::shortcut;
use crate::policy::{Condition, Effect, Quantifier, Statement, Test};

/// From how many statements on they are taken one by one.
const ONE_BY_ONE: usize = 4;

/// Splits a class: for each of the `first` statements by itself, or for all of them, those that
/// can apply to the same requests. `own` is the layer that the first ones are of.
pub(super) fn parts<'p>(
    items: &'p [Item<'_>],
    members: &[usize],
    first: &'p [usize],
    own: &Layer,
) -> Box<dyn Iterator<Item = Vec<usize>> + 'p> {
    let is_own = |at: usize| own.contains(&at) && items[at].statement.effect == Effect::Allow;
    let others: Vec<usize> = members.iter().copied().filter(|at| !is_own(*at)).collect();
    match first {
        [] => Box::new(std::iter::empty()),
        [..] if !shortcut::on("apart") => Box::new(std::iter::once(members.to_vec())),
        [..] if first.len() <= ONE_BY_ONE => {
            let mut part = others;
            if let [only] = first {
                part.retain(|at| may_share(items[*only].statement, items[*at].statement));
            }
            part.extend(first);
            part.sort_unstable();
            Box::new(std::iter::once(part))
        }
        _ => {
            let index = Index::new(items, &others);
            // One after the other: together they may be the square of the statements.
            Box::new(first.iter().map(move |lead| {
                let mut part = index.sharing(items[*lead].statement);
                part.push(*lead);
                part.sort_unstable();
                part
            }))
        }
    }
}

/// Returns what every resource of a statement starts with, one text for each pattern; `None`:
/// anything.
fn starts(statement: &Statement) -> Option<Vec<&str>> {
    let element = statement.resource.as_ref().filter(|it| !it.negated)?;
    let start = |text: &'_ str| text.find(['*', '?', '$']).unwrap_or(text.len());
    let mut texts = Vec::with_capacity(element.patterns.len());
    for pattern in &element.patterns {
        let text = pattern.template.text();
        let end = start(text);
        if end == 0 {
            return None;
        }
        texts.push(&text[..end]);
    }
    Some(texts)
}

fn may_share(a: &Statement, b: &Statement) -> bool {
    let (Some(a), Some(b)) = (starts(a), starts(b)) else {
        return true;
    };
    a.iter()
        .any(|a| b.iter().any(|b| a.starts_with(b) || b.starts_with(a)))
}

/// Statements by what their resources start with.
struct Index<'a> {
    anywhere: Vec<usize>,
    sorted: Vec<(&'a str, usize)>,
    by_start: FxHashMap<&'a str, Vec<usize>>,
}

impl<'a> Index<'a> {
    fn new(items: &[Item<'a>], members: &[usize]) -> Self {
        let mut index = Self {
            anywhere: Vec::new(),
            sorted: Vec::new(),
            by_start: FxHashMap::default(),
        };
        for at in members {
            match starts(items[*at].statement) {
                None => index.anywhere.push(*at),
                Some(texts) => {
                    for text in texts {
                        index.sorted.push((text, *at));
                        index.by_start.entry(text).or_default().push(*at);
                    }
                }
            }
        }
        index.sorted.sort_unstable();
        index
    }

    /// Returns the statements that can apply beside this one.
    fn sharing(&self, statement: &Statement) -> Vec<usize> {
        let mut found = self.anywhere.clone();
        let Some(texts) = starts(statement) else {
            found.extend(self.sorted.iter().map(|(_, at)| *at));
            found.sort_unstable();
            found.dedup();
            return found;
        };
        for text in texts {
            let from = self.sorted.partition_point(|(it, _)| *it < text);
            let longer = self.sorted[from..].iter();
            found.extend(
                longer
                    .take_while(|(it, _)| it.starts_with(text))
                    .map(|(_, at)| *at),
            );
            for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
                found.extend(self.by_start.get(&text[..end]).into_iter().flatten());
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The Allow statements of a layer without Deny, for a look whether one of them allows whatever
/// another statement does.
pub(super) struct Covers<'a> {
    everywhere: Vec<&'a Item<'a>>,
    by_resource: FxHashMap<&'a str, Vec<&'a Item<'a>>>,
}

impl<'a> Covers<'a> {
    pub(super) fn new(items: Vec<&'a Item<'a>>) -> Self {
        let mut covers = Self {
            everywhere: Vec::new(),
            by_resource: FxHashMap::default(),
        };
        for item in items {
            match &item.statement.resource {
                Some(element) if element.negated => {}
                Some(element) if element.patterns.iter().any(|it| it.is_everything()) => {
                    covers.everywhere.push(item);
                }
                None => covers.everywhere.push(item),
                Some(element) => {
                    for pattern in &element.patterns {
                        let text = pattern.template.text();
                        covers.by_resource.entry(text).or_default().push(item);
                    }
                }
            }
        }
        covers
    }

    /// Returns whether one statement visibly allows everything that `inner` does.
    pub(super) fn has(&self, inner: &Item<'_>) -> bool {
        let element = inner.statement.resource.as_ref();
        let first = element.and_then(|it| it.patterns.first());
        let named = first.and_then(|it| self.by_resource.get(it.template.text()));
        self.everywhere.iter().any(|it| covers(it, inner))
            || named.is_some_and(|it| it.iter().any(|it| covers(it, inner)))
    }
}

/// Whether one statement allows everything that another does, as their texts show.
fn covers(outer: &Item<'_>, inner: &Item<'_>) -> bool {
    let same_kind = outer.document.kind == inner.document.kind
        && outer.document.version == inner.document.version;
    let principals = match (&outer.statement.principal, &inner.statement.principal) {
        _ if !outer.document.kind.has_principal() => !inner.document.kind.has_principal(),
        (Some(a), Some(b)) => {
            let same = |(a, b): (
                &crate::policy::PrincipalEntry,
                &crate::policy::PrincipalEntry,
            )| { a.name == b.name && a.text == b.text };
            a.negated == b.negated
                && a.entries.len() == b.entries.len()
                && a.entries.iter().zip(&b.entries).all(same)
        }
        _ => false,
    };
    let resources = match (&outer.statement.resource, &inner.statement.resource) {
        (Some(a), _) if !a.negated && a.patterns.iter().any(|it| it.is_everything()) => true,
        (Some(a), Some(b)) => {
            let is_in = |text: &str| a.patterns.iter().any(|it| it.template.text() == text);
            same_kind
                && !a.negated
                && !b.negated
                && b.patterns.iter().all(|it| is_in(it.template.text()))
        }
        (None, None) => true,
        _ => false,
    };
    let implied = |own: &Condition| {
        let mut conditions = inner.statement.conditions.iter();
        same_kind && conditions.any(|it| implies(it, own))
    };
    principals && resources && outer.statement.conditions.iter().all(implied)
}

/// Whether one condition visibly brings another with it.
fn implies(premise: &Condition, conclusion: &Condition) -> bool {
    let Some(operator) = premise.operator else {
        return false;
    };
    if premise.key != conclusion.key || conclusion.operator != Some(operator) {
        return false;
    }
    let (few, many) = (&premise.values, &conclusion.values);
    let grows = !operator.negated
        && operator.quantifier != Some(Quantifier::ForAllValues)
        && !matches!(operator.test, Test::Arn | Test::Null)
        && !few.is_empty();
    if grows {
        return few.len() <= many.len()
            && few
                .iter()
                .all(|it| many.iter().any(|other| other.template == it.template));
    }
    few.len() == many.len() && few.iter().zip(many).all(|(a, b)| a.template == b.template)
}
