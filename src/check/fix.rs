//! The smallest addition that meets a requirement, proven by deciding again with it.

use serde_json::{Value, json};

use super::judge::{Decided, Outcome};
use super::reason::relevance;
use super::stack::Stack;
use crate::evaluate::{Decision, Layer, Policies, StatementTrace, Truth, decide, explain};
use crate::policy::{Document, Effect, Kind, written};
use crate::profile::{Call, ContextValue};
use crate::source::{FileId, Span};

/// What would meet a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// All of them together.
    pub additions: Vec<Addition>,
}

/// One addition to the given policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addition {
    /// One more action in a statement that already covers resource and conditions.
    Action {
        /// The layer of the statement.
        layer: Layer,
        /// The action to add.
        action: String,
        /// The `Sid` of the statement.
        sid: Option<String>,
        /// The statement's index in its document.
        statement: usize,
        /// Its list of actions.
        span: Span,
        /// The text in which it stands.
        file: Option<FileId>,
    },
    /// One more statement in a document of this layer.
    Statement {
        /// The layer.
        layer: Layer,
        /// The target of an organization's policy.
        target: Option<String>,
        /// The statement.
        statement: Value,
    },
}

/// Keys that a new statement pins, because without them it would grant far more than is needed.
const PINNED: [&str; 3] = [
    "iam:PassedToService",
    "iam:AWSServiceName",
    "iam:PermissionsBoundary",
];

/// Returns the smallest addition that meets a requirement; none where no addition can, or where it
/// would have to be made in a resource's or role's policy.
pub(super) fn find(calls: &[(&Call, &Outcome)], stack: &Stack<'_>) -> Option<Fix> {
    let failing: Vec<&Decided> = calls
        .iter()
        .flat_map(|(_, outcome)| &outcome.requests)
        .filter(|it| it.decision != Decision::Allowed)
        .collect();
    if failing
        .iter()
        .any(|it| it.decision != Decision::ImplicitlyDenied)
    {
        return None;
    }
    let mut places: Vec<(Layer, Option<String>)> = Vec::new();
    for decided in &failing {
        for place in blocking_places(decided, stack) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    let additions = places
        .into_iter()
        .map(|(layer, target)| addition(layer, target, calls, &failing, stack))
        .collect::<Option<Vec<Addition>>>()?;
    let fix = Fix { additions };
    meets(&fix, calls, stack).then_some(fix)
}

/// Which documents have to say more.
fn blocking_places(decided: &Decided, stack: &Stack<'_>) -> Vec<(Layer, Option<String>)> {
    let policies = stack.get(decided.policies);
    let verdict = decide(policies, &decided.request);
    let mut places = Vec::new();
    for layer in verdict.blocked_by.iter() {
        if layer != Layer::Scp {
            places.push((layer, None));
            continue;
        }
        for level in &policies.scps {
            let alone = Policies {
                scps: vec![level.clone()],
                ..policies.clone()
            };
            if decide(&alone, &decided.request)
                .blocked_by
                .contains(Layer::Scp)
            {
                places.push((layer, Some(level.target.clone())));
            }
        }
    }
    places
}

fn addition(
    layer: Layer,
    target: Option<String>,
    calls: &[(&Call, &Outcome)],
    failing: &[&Decided],
    stack: &Stack<'_>,
) -> Option<Addition> {
    if !matches!(
        layer,
        Layer::Identity | Layer::Boundary | Layer::Session | Layer::Scp
    ) {
        return None;
    }
    let action = calls.first()?.0.action.clone();
    if let Some(found) = open_statement(layer, target.as_deref(), failing, stack, &action) {
        return Some(found);
    }
    let statement = new_statement(&action, calls)?;
    Some(Addition::Statement {
        layer,
        target,
        statement,
    })
}

/// A statement of the layer that lacks the action only.
fn open_statement(
    layer: Layer,
    target: Option<&str>,
    failing: &[&Decided],
    stack: &Stack<'_>,
    action: &str,
) -> Option<Addition> {
    let first = failing.first()?;
    let explanation = explain(stack.get(first.policies), &first.request);
    // Where a statement names the action already, its resources or conditions are meant to limit
    // it: one more entry in a wider statement would undo that.
    let limits = |trace: &StatementTrace<'_>| {
        trace.layer == layer
            && trace.target == target
            && trace.statement.effect == Effect::Allow
            && trace.matched.action
    };
    if explanation.statements.iter().any(limits) {
        return None;
    }
    let fits = |trace: &StatementTrace<'_>| {
        let statement = trace.statement;
        trace.layer == layer
            && trace.target == target
            && statement.effect == Effect::Allow
            && !statement.action.negated
            && failing.iter().all(|it| covers_but_for_action(trace, it))
    };
    let of_service = |trace: &StatementTrace<'_>| relevance(trace, &first.request);
    let candidates = explanation.statements.iter().filter(|trace| fits(trace));
    let best = candidates
        .filter(|it| of_service(it) > 0)
        .max_by_key(|it| of_service(it))?;
    Some(Addition::Action {
        layer,
        action: action.to_owned(),
        sid: best.statement.sid.as_ref().map(|sid| sid.text.to_string()),
        statement: best.index,
        span: best.statement.action.span,
        file: best.document.file,
    })
}

fn covers_but_for_action(trace: &StatementTrace<'_>, decided: &Decided) -> bool {
    let matched = crate::evaluate::match_statement(trace.statement, &decided.request);
    matched.resource == Truth::True && matched.conditions.iter().all(|it| *it == Truth::True)
}

fn new_statement(action: &str, calls: &[(&Call, &Outcome)]) -> Option<Value> {
    let mut resources: Vec<String> = Vec::new();
    for (call, outcome) in calls {
        for decided in outcome
            .requests
            .iter()
            .filter(|it| it.decision != Decision::Allowed)
        {
            let resource = decided.resource.map(|at| &call.resources[at]);
            let name = resource.map_or("*", |it| it.family.as_deref().unwrap_or(&it.arn));
            if !resources.iter().any(|known| known == name) {
                resources.push(name.to_owned());
            }
        }
    }
    let resource = match resources.as_slice() {
        [one] => json!(one),
        many => json!(many),
    };
    let mut statement = json!({"Effect": "Allow", "Action": action, "Resource": resource});
    let pinned = pinned(calls);
    if !pinned.is_empty() {
        statement["Condition"] = json!({"StringEquals": pinned});
    }
    Some(statement)
}

fn pinned(calls: &[(&Call, &Outcome)]) -> serde_json::Map<String, Value> {
    let mut pinned = serde_json::Map::new();
    for key in PINNED {
        let mut values: Vec<&str> = Vec::new();
        for (call, _) in calls {
            let own = call.resources.iter().flat_map(|it| &it.context);
            let found = call
                .context
                .iter()
                .chain(own)
                .find(|(name, _)| name.eq_ignore_ascii_case(key));
            if let Some((_, ContextValue::One(value))) = found
                && !values.contains(&value.as_str())
            {
                values.push(value);
            }
        }
        match values.as_slice() {
            [] => {}
            [one] => drop(pinned.insert(key.to_owned(), json!(one))),
            many => drop(pinned.insert(key.to_owned(), json!(many))),
        }
    }
    pinned
}

/// Decides every request of the requirement again, with the additions.
fn meets(fix: &Fix, calls: &[(&Call, &Outcome)], stack: &Stack<'_>) -> bool {
    let requests = calls.iter().flat_map(|(_, outcome)| &outcome.requests);
    let mut patched: Vec<(usize, Policies)> = Vec::new();
    for decided in requests {
        if !patched.iter().any(|(index, _)| *index == decided.policies) {
            let mut policies = stack.get(decided.policies).clone();
            for addition in &fix.additions {
                apply(addition, &mut policies);
            }
            patched.push((decided.policies, policies));
        }
        let policies = patched.iter().find(|(index, _)| *index == decided.policies);
        let allowed = policies
            .is_some_and(|(_, it)| decide(it, &decided.request).decision == Decision::Allowed);
        if !allowed {
            return false;
        }
    }
    true
}

fn apply(addition: &Addition, policies: &mut Policies) {
    match addition {
        Addition::Action {
            layer,
            action,
            statement,
            span,
            file,
            ..
        } => {
            for document in documents(policies, *layer, None) {
                let found = document.statements.get_mut(*statement);
                if let Some(found) =
                    found.filter(|it| it.action.span == *span && document.file == *file)
                {
                    found.action.add(action);
                    return;
                }
            }
        }
        Addition::Statement {
            layer,
            target,
            statement,
        } => {
            let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
            let kind = match layer {
                Layer::Boundary => Kind::Boundary,
                Layer::Session => Kind::Session,
                Layer::Scp => Kind::Scp,
                _ => Kind::Identity,
            };
            let document = written(&policy.to_string(), kind);
            match layer {
                Layer::Boundary => policies.boundary.get_or_insert_default().push(document),
                Layer::Session => policies.session.get_or_insert_default().push(document),
                Layer::Scp => {
                    let level = policies
                        .scps
                        .iter_mut()
                        .find(|it| Some(&it.target) == target.as_ref());
                    if let Some(level) = level {
                        level.policies.push(document);
                    }
                }
                _ => policies.identity.push(document),
            }
        }
    }
}

fn documents<'p>(
    policies: &'p mut Policies,
    layer: Layer,
    target: Option<&str>,
) -> Box<dyn Iterator<Item = &'p mut Document> + 'p> {
    match layer {
        Layer::Boundary => Box::new(policies.boundary.iter_mut().flatten()),
        Layer::Session => Box::new(policies.session.iter_mut().flatten()),
        Layer::Scp => {
            let target = target.map(str::to_owned);
            let levels = policies.scps.iter_mut();
            let levels =
                levels.filter(move |it| target.as_ref().is_none_or(|name| *name == it.target));
            Box::new(levels.flat_map(|level| &mut level.policies))
        }
        _ => Box::new(policies.identity.iter_mut()),
    }
}
