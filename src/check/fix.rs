//! The smallest addition that meets a requirement, proven by deciding again with it.

use serde_json::{Map, Value, json};

use super::Verdict;
use super::exact::settle;
use super::judge::{Decided, Outcome};
use super::reason::relevance;
use super::stack::Stack;
use crate::catalog::Catalog;
use crate::evaluate::{Decision, Layer, Policies, Request, StatementTrace, Truth, decide, explain};
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

/// How often the additions are looked at again for a layer that blocks other members of a family.
const ROUNDS: usize = 4;

/// Where something has to be added: a layer, and the target of an organization's policy.
type Place = (Layer, Option<String>);

/// Policies with additions, by their index in the stack.
type Patched = Vec<(usize, Policies)>;

/// A request that an addition has to allow, with the index of the policies that decide it.
type Unmet = (usize, Request);

/// Returns the smallest addition that meets a requirement for its whole family; none where no
/// addition can, or where it would have to be made in a resource's or role's policy.
pub(super) fn find(
    calls: &[(&Call, &Outcome)],
    stack: &Stack<'_>,
    catalog: &Catalog,
) -> Option<Fix> {
    let search = Search {
        calls,
        stack,
        catalog,
        failing: failing(calls).map(|(_, decided)| decided).collect(),
    };
    let denied = |it: &&Decided| it.settled.decision == Decision::ImplicitlyDenied;
    if !search.failing.iter().all(denied) {
        return None;
    }
    // One more action in a statement is the least, but the statement may not cover all members.
    search.fix(true).or_else(|| search.fix(false))
}

fn failing<'a>(
    calls: &'a [(&'a Call, &'a Outcome)],
) -> impl Iterator<Item = (&'a Call, &'a Decided)> {
    calls.iter().flat_map(|(call, outcome)| {
        let requests = outcome.requests.iter();
        let unmet = requests.filter(|it| it.settled.verdict != Verdict::Met);
        unmet.map(|decided| (*call, decided))
    })
}

struct Search<'a> {
    calls: &'a [(&'a Call, &'a Outcome)],
    stack: &'a Stack<'a>,
    catalog: &'a Catalog,
    failing: Vec<&'a Decided>,
}

impl Search<'_> {
    fn fix(&self, in_statements: bool) -> Option<Fix> {
        let mut fix = Fix {
            additions: Vec::new(),
        };
        let mut done: Vec<Place> = Vec::new();
        let unmet = self.failing.iter();
        let mut unmet: Vec<Unmet> = unmet.map(|it| (it.policies, it.shown().clone())).collect();
        let mut patched: Patched = Vec::new();
        for _ in 0..ROUNDS {
            let mut places: Vec<Place> = Vec::new();
            for (index, request) in &unmet {
                for place in blocking_places(self.policies(&patched, *index), request) {
                    if !places.contains(&place) {
                        places.push(place);
                    }
                }
            }
            if places.is_empty() || places.iter().any(|it| done.contains(it)) {
                return None;
            }
            for (layer, target) in places {
                done.push((layer, target.clone()));
                let addition = self.addition(layer, target, in_statements)?;
                fix.additions.push(addition);
            }
            patched = self.patched(&fix);
            unmet = self.unmet(&patched)?;
            if unmet.is_empty() {
                return Some(fix);
            }
        }
        None
    }

    fn policies<'p>(&'p self, patched: &'p Patched, index: usize) -> &'p Policies {
        let found = patched.iter().find(|(known, _)| *known == index);
        found.map_or_else(|| self.stack.get(index), |(_, policies)| policies)
    }

    /// Returns the policies that decide the requirement, with the additions.
    fn patched(&self, fix: &Fix) -> Patched {
        let requests = self.calls.iter().flat_map(|(_, it)| &it.requests);
        let mut all: Patched = Vec::new();
        for index in requests.map(|it| it.policies) {
            if all.iter().any(|(known, _)| *known == index) {
                continue;
            }
            let mut policies = self.stack.get(index).clone();
            for addition in &fix.additions {
                apply(addition, &mut policies);
            }
            all.push((index, policies));
        }
        all
    }

    /// Decides the requirement again with the additions, for every member of its family. Returns
    /// what is still denied; none where another addition cannot help.
    fn unmet(&self, patched: &Patched) -> Option<Vec<Unmet>> {
        let requests = self.calls.iter().flat_map(|(_, it)| &it.requests);
        let mut unmet = Vec::new();
        for decided in requests {
            let policies = self.policies(patched, decided.policies);
            let settled = settle(policies, self.catalog, &decided.request, &decided.scope);
            match (settled.verdict, settled.decision) {
                (Verdict::Met, _) => {}
                (Verdict::NotMet | Verdict::PartlyMet, Decision::ImplicitlyDenied) => {
                    let shown = settled.shown.unwrap_or_else(|| decided.request.clone());
                    unmet.push((decided.policies, shown));
                }
                _ => return None,
            }
        }
        Some(unmet)
    }

    fn addition(
        &self,
        layer: Layer,
        target: Option<String>,
        in_statement: bool,
    ) -> Option<Addition> {
        if !matches!(
            layer,
            Layer::Identity | Layer::Boundary | Layer::Session | Layer::Scp
        ) {
            return None;
        }
        let action = self.calls.first()?.0.action.clone();
        let found = in_statement
            .then(|| open_statement(layer, target.as_deref(), &self.failing, self.stack, &action));
        if let Some(found) = found.flatten() {
            return Some(found);
        }
        let statement = new_statement(&action, self.calls)?;
        Some(Addition::Statement {
            layer,
            target,
            statement,
        })
    }
}

/// Which documents have to say more.
fn blocking_places(policies: &Policies, request: &Request) -> Vec<Place> {
    let verdict = decide(policies, request);
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
            if decide(&alone, request).blocked_by.contains(Layer::Scp) {
                places.push((layer, Some(level.target.clone())));
            }
        }
    }
    places
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
    let explanation = explain(stack.get(first.policies), first.shown());
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
    let of_service = |trace: &StatementTrace<'_>| relevance(trace, first.shown());
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
    let matched = crate::evaluate::match_statement(trace.statement, decided.shown());
    matched.resource == Truth::True && matched.conditions.iter().all(|it| *it == Truth::True)
}

fn new_statement(action: &str, calls: &[(&Call, &Outcome)]) -> Option<Value> {
    let mut resources: Vec<String> = Vec::new();
    for (call, decided) in failing(calls) {
        let resource = decided.resource.map(|at| &call.resources[at]);
        let name = resource.map_or("*", |it| it.family.as_deref().unwrap_or(&it.arn));
        if !resources.iter().any(|known| known == name) {
            resources.push(name.to_owned());
        }
    }
    let resource = match resources.as_slice() {
        [one] => json!(one),
        many => json!(many),
    };
    let mut statement = json!({"Effect": "Allow", "Action": action, "Resource": resource});
    let (equal, like) = pinned(calls);
    let pinned = [("StringEquals", equal), ("ArnLike", like)];
    for (operator, keys) in pinned.into_iter().filter(|(_, keys)| !keys.is_empty()) {
        statement["Condition"][operator] = Value::Object(keys);
    }
    Some(statement)
}

/// Returns the keys that a new statement pins to values, and those that it pins to patterns.
fn pinned(calls: &[(&Call, &Outcome)]) -> (Map<String, Value>, Map<String, Value>) {
    let (mut equal, mut like) = (Map::new(), Map::new());
    for key in PINNED {
        let mut values: Vec<&str> = Vec::new();
        let mut is_pattern = false;
        for (call, _) in calls {
            let own = call.resources.iter().flat_map(|it| &it.context);
            let mut all = call.context.iter().chain(own);
            let value = match all.find(|(name, _)| name.eq_ignore_ascii_case(key)) {
                Some((_, ContextValue::One(value))) => value,
                Some((_, ContextValue::Family { pattern, .. })) => {
                    is_pattern = true;
                    pattern
                }
                _ => continue,
            };
            if !values.contains(&value.as_str()) {
                values.push(value);
            }
        }
        let value = match values.as_slice() {
            [] => continue,
            [one] => json!(one),
            many => json!(many),
        };
        let keys = if is_pattern { &mut like } else { &mut equal };
        keys.insert(key.to_owned(), value);
    }
    (equal, like)
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
