//! Whether policies treat all members of a family alike, as their texts show.
//!
//! Most policies do: their patterns cover the whole family or nothing of it. Then the made-up
//! member decides for all, and nothing has to be searched. What is said here is always true; where
//! texts do not show it, `exact` asks `analyze`.

use super::family::Scope;
use super::residual::is_fixed;
use crate::evaluate::{Policies, Request, Truth, match_statement, names_action, special};
use crate::policy::{Condition, Document, Effect, ResourceElement, Statement};

/// How much of a family a pattern covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cover {
    All,
    Nothing,
    /// Some of it, or it does not show.
    Unclear,
}

/// Returns whether every member of the scope is decided as the made-up one is.
pub(super) fn are_alike(policies: &Policies, request: &Request, scope: &Scope) -> bool {
    if let Some(pattern) = &scope.resource {
        let reserved = special::reserved_resources(&request.action).iter();
        let mut own = reserved.chain(special::delegating_resources(&request.action));
        if !is_settled(pattern) || own.any(|it| cover(it, pattern) == Cover::Unclear) {
            return false;
        }
    }
    let levels = policies.scps.iter().chain(&policies.rcps);
    let levels = levels.map(|it| it.policies.as_slice());
    let optional = [&policies.boundary, &policies.session, &policies.endpoint];
    let optional = optional.into_iter().flatten().map(Vec::as_slice);
    let resource = policies.resource.as_ref().map(std::slice::from_ref);
    levels
        .chain(optional)
        .chain(resource)
        .chain([policies.identity.as_slice()])
        .all(|layer| treats_alike(layer, request, scope))
}

/// Whether owner, service and type of the members are the same.
fn is_settled(pattern: &str) -> bool {
    let mut parts = pattern.splitn(6, ':');
    let is_literal = parts.by_ref().take(5).all(|part| !part.contains('*'));
    let resource = parts.next().unwrap_or_default();
    let name = resource.split('*').next().unwrap_or_default();
    is_literal && name.contains(['/', ':'])
}

/// Whether documents that decide together apply to every member as to the made-up one.
fn treats_alike(layer: &[Document], request: &Request, scope: &Scope) -> bool {
    let statements = layer.iter().flat_map(|document| {
        let named = document.kind.has_principal();
        document.statements.iter().map(move |it| (named, it))
    });
    let of_action = statements.filter(|(_, it)| names_action(it, request));
    let parts: Vec<(bool, Part)> = of_action
        .map(|(named, it)| {
            let grants = it.effect == Effect::Allow && !named;
            (grants, part_of(it, request, scope))
        })
        .collect();
    // Where one statement allows all members, it does not matter what else allows some.
    let granted = parts.contains(&(true, Part::Applies));
    parts
        .iter()
        .all(|(grants, part)| *part != Part::Unclear || *grants && granted)
}

/// What a statement has to do with the members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// It applies to every one, for certain.
    Applies,
    /// It applies to every one or to none, or it depends on no member whether it does.
    Same,
    Unclear,
}

fn part_of(statement: &Statement, request: &Request, scope: &Scope) -> Part {
    let matched = match_statement(statement, request);
    let mut conditions = statement.conditions.iter().zip(&matched.conditions);
    let is_out = |(condition, truth): (&Condition, &Truth)| {
        *truth == Truth::False && is_fixed(condition, scope)
    };
    if conditions.any(is_out) {
        return Part::Same;
    }
    let covered = match (&scope.resource, &statement.resource) {
        (Some(pattern), Some(element)) => cover_of(element, pattern),
        _ => match matched.resource {
            Truth::True => Cover::All,
            Truth::False => Cover::Nothing,
            // By a policy variable, whose value is the same for all members.
            Truth::Unknown => Cover::Unclear,
        },
    };
    match covered {
        Cover::Nothing => Part::Same,
        Cover::Unclear => Part::Unclear,
        Cover::All if !statement.conditions.iter().all(|it| is_fixed(it, scope)) => Part::Unclear,
        Cover::All if matched.conditions.iter().all(|it| *it == Truth::True) => Part::Applies,
        Cover::All => Part::Same,
    }
}

fn cover_of(element: &ResourceElement, family: &str) -> Cover {
    let mut all = Cover::Nothing;
    for pattern in &element.patterns {
        let text = pattern.template.text();
        let own = match pattern.is_everything() {
            true => Cover::All,
            false => cover(text, family),
        };
        match own {
            Cover::All => {
                all = Cover::All;
                break;
            }
            Cover::Unclear => all = Cover::Unclear,
            Cover::Nothing => {}
        }
    }
    match (element.negated, all) {
        (true, Cover::All) => Cover::Nothing,
        (true, Cover::Nothing) => Cover::All,
        (_, all) => all,
    }
}

/// How much of a family a pattern covers. Names have no colons, so where both have the same number
/// of them the parts match one by one.
fn cover(pattern: &str, family: &str) -> Cover {
    let colons = |text: &str| text.bytes().filter(|it| *it == b':').count();
    if pattern.contains("${") || colons(pattern) != colons(family) || colons(pattern) < 5 {
        return Cover::Unclear;
    }
    let mut all = Cover::All;
    for (pattern, family) in pattern.split(':').zip(family.split(':')) {
        match part_cover(pattern, family) {
            Cover::Nothing => return Cover::Nothing,
            Cover::Unclear => all = Cover::Unclear,
            Cover::All => {}
        }
    }
    all
}

fn part_cover(pattern: &str, family: &str) -> Cover {
    if !family.contains('*') {
        return match crate::pattern::matches(pattern, family) {
            true => Cover::All,
            false => Cover::Nothing,
        };
    }
    // A `*` of the family is swallowed by one of the pattern, with whatever it stands for.
    if !pattern.contains('?') && crate::pattern::matches(pattern, family) {
        return Cover::All;
    }
    let (before, after) = ends(pattern);
    let (start, end) = ends(family);
    let fits = (before.starts_with(start) || start.starts_with(before))
        && (after.ends_with(end) || end.ends_with(after));
    if fits { Cover::Unclear } else { Cover::Nothing }
}

/// Returns what stands before the first wildcard, and behind the last.
fn ends(text: &str) -> (&str, &str) {
    let first = text.find(['*', '?']).unwrap_or(text.len());
    let last = text.rfind(['*', '?']).map_or(0, |at| at + 1);
    (&text[..first], &text[last..])
}
