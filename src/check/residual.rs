//! What is left of policies to decide for one call: statements that name its action, with the
//! conditions that some member of its family, or a key that nobody told us, can turn.

use super::family::Scope;
use crate::evaluate::{Level, Policies, Request, Truth, match_statement, names_action};
use crate::policy::{Condition, Document, Statement};

/// Returns policies that decide every request of the scope as the given ones do.
pub(super) fn residual(policies: &Policies, request: &Request, scope: &Scope) -> Policies {
    let documents = |all: &[Document]| -> Vec<Document> {
        let left = all.iter().map(|it| document(it, request, scope));
        left.collect()
    };
    let levels = |all: &[Level]| -> Vec<Level> {
        let left = all.iter().map(|level| Level {
            target: level.target.clone(),
            policies: documents(&level.policies),
        });
        left.collect()
    };
    Policies {
        identity: documents(&policies.identity),
        boundary: policies.boundary.as_deref().map(documents),
        session: policies.session.as_deref().map(documents),
        scps: levels(&policies.scps),
        rcps: levels(&policies.rcps),
        resource: policies
            .resource
            .as_ref()
            .map(|it| document(it, request, scope)),
        endpoint: policies.endpoint.as_deref().map(documents),
    }
}

fn document(document: &Document, request: &Request, scope: &Scope) -> Document {
    let named = document
        .statements
        .iter()
        .filter(|it| names_action(it, request));
    Document {
        version: document.version,
        file: document.file,
        span: document.span,
        statements: named
            .filter_map(|it| statement(it, request, scope))
            .collect(),
        ..Document::empty(document.kind)
    }
}

/// Returns a statement without the conditions that hold of every member; none where one fails.
fn statement(statement: &Statement, request: &Request, scope: &Scope) -> Option<Statement> {
    let matched = match_statement(statement, request);
    let truths = statement.conditions.iter().zip(&matched.conditions);
    let mut conditions = Vec::new();
    for (condition, truth) in truths {
        match truth {
            Truth::False if is_fixed(condition, scope) => return None,
            Truth::True if is_fixed(condition, scope) => {}
            _ => conditions.push(condition.clone()),
        }
    }
    Some(Statement {
        span: statement.span,
        sid: None,
        effect: statement.effect,
        effect_span: statement.effect_span,
        principal: statement.principal.clone(),
        action: statement.action.clone(),
        resource: statement.resource.clone(),
        conditions,
    })
}

/// Whether a condition says the same of every member of a scope.
pub(super) fn is_fixed(condition: &Condition, scope: &Scope) -> bool {
    let values = condition.values.iter();
    let mut variables = values.flat_map(|it| it.template.variables());
    !scope.has_key(&condition.key) && variables.all(|it| !scope.has_key(&it.key))
}
