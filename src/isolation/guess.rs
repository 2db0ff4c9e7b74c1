//! The request that a person would try first: a plain name, what the statements ask for, nothing
//! else. If `evaluate` allows it there is nothing to search, and it reads better than what a search
//! finds. What fails here is asked of the engine.

use super::family::{Condition, Family};
use super::names::fill;
use super::objects;
use super::scene::Scene;
use crate::analyze::{Access, Witness};
use crate::evaluate::derive::{Known, derive};
use crate::evaluate::{Action, Decision, Policies, Request, Settings, decide};
use crate::policy::{Document, Effect, Statement, Test};

/// How many actions, resources and contexts are tried.
const ACTIONS: usize = 3;
const RESOURCES: usize = 4;
const CONTEXTS: usize = 6;

type Entries = Vec<(String, Vec<String>)>;

/// Returns a request of the family that is allowed, if a simple one is.
pub(super) fn request(
    scene: &Scene<'_>,
    family: &Family,
    document: &Document,
    access: &Access<'_>,
) -> Option<Witness> {
    let own = Policies {
        identity: vec![document.clone()],
        ..Policies::default()
    };
    let literal = family
        .actions()
        .iter()
        .filter(|it| !it.contains(['*', '?']));
    for text in literal.take(ACTIONS) {
        let Some(action) = Action::parse(text) else {
            continue;
        };
        for resource in targets(scene, text, family.resources()) {
            for asked in family.contexts() {
                for context in contexts(&asked, &action, access) {
                    let known = Known {
                        principal: Some(access.principal),
                        resource: resource.as_deref(),
                        resource_account: access.resource_account,
                        context: &context,
                        complete: true,
                        settings: Settings {
                            complete: true,
                            ..access.settings.clone()
                        },
                        ..Known::default()
                    };
                    let request = derive(&action, &known, scene.input.catalog).request;
                    if is_allowed(access.policies, &request) && is_in(&own, &request) {
                        return Some(Witness {
                            request,
                            in_catalog: true,
                        });
                    }
                }
            }
        }
    }
    None
}

/// Whether a request is one of these families, and allowed.
pub(super) fn is_one(families: &[Document], policies: &Policies, request: &Request) -> bool {
    let is_in_one = |family: &Document| {
        let own = Policies {
            identity: vec![family.clone()],
            ..Policies::default()
        };
        is_in(&own, request)
    };
    is_allowed(policies, request) && families.iter().any(is_in_one)
}

fn is_allowed(policies: &Policies, request: &Request) -> bool {
    decide(policies, request).decision == Decision::Allowed
}

/// Whether a request is one of the family: whoever makes it.
fn is_in(family: &Policies, request: &Request) -> bool {
    let applies = |statement: &Statement| {
        let matched = crate::evaluate::match_statement(statement, request);
        let all = matched.conditions.iter();
        matched.action
            && all.fold(matched.resource, |all, one| all & *one) == crate::evaluate::Truth::True
    };
    let statements = || family.identity.iter().flat_map(|it| &it.statements);
    let allows = statements().any(|it| it.effect == Effect::Allow && applies(it));
    allows && !statements().any(|it| it.effect == Effect::Deny && applies(it))
}

/// Resources that the family may be about, with plain names.
fn targets(scene: &Scene<'_>, action: &str, resources: &[String]) -> Vec<Option<String>> {
    let entry = objects::entry(scene.input.catalog, action);
    if entry.is_some_and(|it| it.resource_types.is_empty()) {
        return vec![None];
    }
    let mut found: Vec<Option<String>> = Vec::new();
    for resource in resources.iter().take(RESOURCES) {
        if resource != "*" {
            found.push(Some(objects::plain_name(scene, resource)));
            continue;
        }
        let service = action.split(':').next().unwrap_or_default();
        let kinds = entry.into_iter().flat_map(|it| &it.resource_types);
        for kind in kinds.take(RESOURCES) {
            let patterns = objects::patterns(scene, service, &kind.name);
            let plain = patterns.iter().map(|it| objects::plain_name(scene, it));
            found.extend(plain.map(Some));
        }
    }
    found.dedup();
    found
}

/// Contexts in which the family's conditions hold, with what an Allow asks for besides.
fn contexts(asked: &[&Condition], action: &Action, access: &Access<'_>) -> Vec<Entries> {
    let mut base: Entries = Vec::new();
    let mut absent: Vec<&str> = Vec::new();
    for condition in asked {
        match condition.operator {
            "Null" if condition.values.first().is_some_and(|it| it == "true") => {
                absent.push(&condition.key);
            }
            "StringEquals"
            | "StringEqualsIfExists"
            | "ForAnyValue:StringEquals"
            | "ArnEquals"
            | "StringLike" => {
                if let Some(value) = condition.values.first() {
                    base.push((condition.key.clone(), vec![value.clone()]));
                }
            }
            _ => {}
        }
    }
    let mut found = vec![base.clone()];
    let documents = access
        .policies
        .identity
        .iter()
        .chain(access.policies.boundary.iter().flatten());
    let statements = documents.flat_map(|it| &it.statements);
    let named = statements.filter(|it| it.effect == Effect::Allow && names(it, action));
    for statement in named.filter(|it| !it.conditions.is_empty()) {
        let mut context = base.clone();
        for (key, value) in wishes(statement) {
            let has = context
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(&key));
            let lacks = absent.iter().any(|it| it.eq_ignore_ascii_case(&key));
            if !has && !lacks {
                context.push((key, vec![value]));
            }
        }
        if !found.contains(&context) {
            found.push(context);
        }
        if found.len() == CONTEXTS {
            break;
        }
    }
    // One value after the other, where the family gives a choice.
    let choice = asked
        .iter()
        .find(|it| it.values.len() > 1 && it.operator != "Null");
    if let Some(choice) = choice {
        for value in choice.values.iter().skip(1).take(CONTEXTS) {
            let mut context = base.clone();
            let mut entries = context.iter_mut();
            if let Some((_, values)) = entries.find(|(key, _)| *key == choice.key) {
                *values = vec![value.clone()];
            }
            found.push(context);
        }
    }
    found
}

fn names(statement: &Statement, action: &Action) -> bool {
    let mut patterns = statement.action.patterns.iter();
    patterns.any(|it| it.matches(&action.text, &action.folded)) != statement.action.negated
}

/// The keys with values that a statement asks for.
fn wishes(statement: &Statement) -> Vec<(String, String)> {
    let conditions = statement.conditions.iter();
    let positive = conditions.filter(|it| {
        it.operator
            .is_some_and(|it| !it.negated && it.test != Test::Null)
    });
    positive
        .filter_map(|it| {
            let value = it.values.first()?.template.text();
            Some((it.key_text.text.to_string(), fill(value, "vendor")))
        })
        .collect()
}
