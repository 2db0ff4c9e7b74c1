//! Whether one statement applies to a request, element by element.

use super::condition;
use super::request::Request;
use super::truth::Truth;
use crate::policy::{Coverage, Statement};
use crate::switch::on;

/// The elements of a statement that a request has to match, as far as they were looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// `Action` or `NotAction`.
    pub action: bool,
    /// `Resource` or `NotResource`.
    pub resource: Truth,
    /// Each condition in text order.
    pub conditions: Vec<Truth>,
}

/// The first element that a request fails, in the order in which people read a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The statement does not name the action.
    Action,
    /// It names the action, but not this caller.
    Principal,
    /// It names the action, but not this resource.
    Resource,
    /// A condition fails: its index.
    Condition(usize),
}

/// Returns whether the statement names the action.
pub(crate) fn names_action(statement: &Statement, request: &Request) -> bool {
    let action = &request.action;
    let element = &statement.action;
    if !on("M5") && *action.folded == *"iam:passrole" && !element.negated {
        return true;
    }
    let any = element
        .patterns
        .iter()
        .any(|it| it.matches(&action.text, &action.folded) || naive(&it.text, request));
    any != element.negated || element.patterns.is_empty() && !element.negated && !on("G7")
}

/// V12, switched off: variables in actions.
fn naive(text: &str, request: &Request) -> bool {
    if on("V12") || !text.contains("${") {
        return false;
    }
    let template = crate::pattern::Template::new(text, true);
    match template.tokens(true, |it| request.context.resolve(it)) {
        crate::pattern::Substituted::Known(tokens) => {
            crate::pattern::tokens_match(&tokens, &request.action.text)
        }
        _ => false,
    }
}

/// Returns whether the statement covers the resource.
pub(super) fn covers_resource(statement: &Statement, request: &Request) -> Truth {
    // A trust policy has no Resource: it is about its role (G6).
    let Some(element) = &statement.resource else {
        return Truth::True;
    };
    let resource = request.resource.as_deref();
    let resolve = |variable: &crate::pattern::Variable| request.context.resolve(variable);
    let mut any = Truth::False;
    for pattern in &element.patterns {
        match pattern.covers(resource, &resolve) {
            Coverage::Yes => {
                any = Truth::True;
                break;
            }
            Coverage::Unknown => any = Truth::Unknown,
            Coverage::No => {}
        }
    }
    if element.negated { !any } else { any }
}

/// Returns whether all conditions hold (C1).
pub(super) fn conditions_hold(statement: &Statement, request: &Request) -> Truth {
    let mut all = Truth::True;
    for condition in &statement.conditions {
        all = all & condition::holds(condition, statement.effect, &request.context);
        if all == Truth::False && on("C1") {
            return all;
        }
        if !on("C1") && all != Truth::False {
            return all;
        }
    }
    all
}

/// Returns whether action, resource and conditions all match (T2).
pub(crate) fn applies(statement: &Statement, request: &Request) -> Truth {
    if !names_action(statement, request) {
        return Truth::False;
    }
    let resource = covers_resource(statement, request);
    if resource == Truth::False {
        return Truth::False;
    }
    if !on("T2") {
        return resource;
    }
    resource & conditions_hold(statement, request)
}

/// Matches every element of a statement, for an explanation.
#[must_use]
pub fn match_statement(statement: &Statement, request: &Request) -> Matched {
    Matched {
        action: names_action(statement, request),
        resource: covers_resource(statement, request),
        conditions: statement
            .conditions
            .iter()
            .map(|it| condition::holds(it, statement.effect, &request.context))
            .collect(),
    }
}
