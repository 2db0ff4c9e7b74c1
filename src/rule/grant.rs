//! What a document grants of one action: the questions of rules about authority.
//!
//! An answer looks at the whole document: wildcards, `NotAction`, `NotResource`, conditions and
//! Deny statements count. It errs to the quiet side: a grant is *open* only if one statement
//! allows the action on every resource of a type, no condition limits it and no Deny touches it
//! there.

use super::subject::Subject;
use crate::pattern;
use crate::policy::{ActionPattern, Condition, Effect, Operand, Operator, Statement, Test};
use crate::source::Span;

/// An action, with context keys whose values are fixed by what it is wanted for.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'q> {
    /// The action: `iam:PassRole`.
    pub action: &'q str,
    /// Keys in lower case with the value that the call has: `iam:passedtoservice`.
    pub context: &'q [(&'q str, &'q str)],
}

/// A statement that grants what was asked.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    /// The statement's index in the document.
    pub index: usize,
    /// The statement.
    pub statement: &'a Statement,
    /// The text that names the action; the whole element under `NotAction`.
    pub action: Span,
    /// The text that names the resources; the whole element under `NotResource`, the action's
    /// where the policy has none.
    pub resource: Span,
}

impl<'a> Subject<'a> {
    /// Returns whether the statement names an action, under either effect (A1 to A5).
    #[must_use]
    pub fn may_match(&self, statement: &Statement, action: &str) -> bool {
        names_action(statement, action).is_some()
    }

    /// Returns the text by which the statement names an action; `None` under `NotAction`.
    #[must_use]
    pub fn action_pattern<'s>(
        &self,
        statement: &'s Statement,
        action: &str,
    ) -> Option<&'s ActionPattern> {
        let folded = action.to_ascii_lowercase();
        let element = &statement.action;
        let mut patterns = element.patterns.iter().filter(|_| !element.negated);
        patterns.find(|it| it.matches(action, &folded))
    }

    /// Returns whether some condition of the statement limits it.
    #[must_use]
    pub fn is_limited(&self, statement: &Statement) -> bool {
        statement.conditions.iter().any(|it| it.is_limit(statement))
    }

    /// Returns the Allow statements that grant an action on every resource of a type, without a
    /// condition that limits authority and without a Deny that touches it.
    #[must_use]
    pub fn open_grants(&self, ask: Ask<'_>) -> Vec<Grant<'a>> {
        self.grants_of(ask, true)
    }

    /// Returns the first of [`Subject::open_grants`] without any context.
    #[must_use]
    pub fn open_grant(&self, action: &str) -> Option<Grant<'a>> {
        let context = &[];
        self.open_grants(Ask { action, context }).into_iter().next()
    }

    /// Returns the Allow statements that grant an action on some resource under some conditions
    /// and are not denied whole.
    #[must_use]
    pub fn grants(&self, ask: Ask<'_>) -> Vec<Grant<'a>> {
        self.grants_of(ask, false)
    }

    /// Returns one grant for each of several actions that together make a path, the first of
    /// them open, the others open too or at least there; `None` if one is missing.
    #[must_use]
    pub fn path(&self, asks: &[Ask<'_>]) -> Option<Vec<Grant<'a>>> {
        let prefix = |ask: &Ask<'_>| ask.action.split(':').next().unwrap_or_default().to_owned();
        if asks.iter().any(|ask| !self.names_service(&prefix(ask))) {
            return None;
        }
        asks.iter()
            .map(|ask| self.open_grants(*ask).into_iter().next())
            .collect()
    }

    fn grants_of(&self, ask: Ask<'_>, open: bool) -> Vec<Grant<'a>> {
        let prefix = ask.action.split(':').next().unwrap_or_default();
        if !self.names_service(prefix) || self.document.refusal().is_some() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let document: &'a crate::policy::Document = self.document;
        for (index, statement) in document.statements.iter().enumerate() {
            if statement.effect == Effect::Deny {
                continue;
            }
            let Some(action) = names_action(statement, ask.action) else {
                continue;
            };
            if !admits(statement, ask, open) {
                continue;
            }
            let resource = match &statement.resource {
                None => Some(action),
                Some(element) if element.negated => {
                    let nothing = element.patterns.iter().any(|it| it.is_everything());
                    (!nothing).then_some(element.span)
                }
                Some(element) if open => element
                    .patterns
                    .iter()
                    .find(|it| self.names_all(it, ask.action))
                    .map(|it| it.span),
                Some(element) => element.patterns.first().map(|it| it.span),
            };
            let Some(resource) = resource else { continue };
            found.push(Grant {
                index,
                statement,
                action,
                resource,
            });
        }
        if !found.is_empty() && self.is_denied(ask, open) {
            found.clear();
        }
        found
    }

    /// Returns whether a resource text names every resource of a type of the action; an action
    /// that the catalog does not know is granted by `*` only.
    fn names_all(&self, pattern: &crate::policy::ResourcePattern, action: &str) -> bool {
        if pattern.is_everything() {
            return true;
        }
        let actions = self.memo.expand(&action.to_ascii_lowercase());
        actions.iter().any(|it| self.memo.names_every(pattern, *it))
    }

    /// Returns whether a Deny touches the action: for an open grant any Deny on every resource or
    /// all but some, whatever its conditions; else one without conditions on everything.
    fn is_denied(&self, ask: Ask<'_>, open: bool) -> bool {
        let denies = self.document.statements.iter();
        denies
            .filter(|it| it.effect == Effect::Deny)
            .filter(|it| names_action(it, ask.action).is_some())
            .any(|deny| {
                if !open && !deny.conditions.is_empty() || !may_apply(deny, ask.context) {
                    return false;
                }
                match &deny.resource {
                    None => true,
                    Some(element) if element.negated => open,
                    Some(element) => {
                        let mut patterns = element.patterns.iter();
                        patterns.any(|it| self.names_all(it, ask.action))
                    }
                }
            })
    }
}

/// Returns the place that names an action.
fn names_action(statement: &Statement, action: &str) -> Option<Span> {
    names_folded(statement, action, &action.to_ascii_lowercase())
}

/// Returns the place that names an action; `folded` is `action` in lower case.
pub(super) fn names_folded(statement: &Statement, action: &str, folded: &str) -> Option<Span> {
    let element = &statement.action;
    let found = element
        .patterns
        .iter()
        .find(|it| it.matches(action, folded));
    if element.negated {
        return found.is_none().then_some(element.span);
    }
    found.map(|it| it.span)
}

/// Returns whether the statement's conditions let the call in: those on a key of the ask must be
/// met by its value; of the others, none may limit authority when the grant is to be open.
fn admits(statement: &Statement, ask: Ask<'_>, open: bool) -> bool {
    statement.conditions.iter().all(|condition| {
        let asked = ask.context.iter().find(|(key, _)| *key == &*condition.key);
        match (asked, condition.operator) {
            (Some((_, value)), Some(operator)) => is_met(condition, operator, value),
            _ => !open || !condition.limits_authority(statement),
        }
    })
}

/// Returns whether a Deny may apply to a call: one whose conditions on known values are not met, or
/// that another way of making the call gets around, does not.
pub(super) fn may_apply(deny: &Statement, context: &[(&str, &str)]) -> bool {
    deny.conditions.iter().all(|condition| {
        let asked = context.iter().find(|(key, _)| *key == &*condition.key);
        match (asked, condition.operator) {
            (Some((_, value)), Some(operator)) => is_met(condition, operator, value),
            _ => !condition.is_avoidable(),
        }
    })
}

/// Returns whether a condition holds for the one value that its key has.
pub(super) fn is_met(condition: &Condition, operator: Operator, value: &str) -> bool {
    if operator.test == Test::Null {
        let mut values = condition.values.iter();
        return values.any(|it| matches!(it.operand, Operand::Truth(false)));
    }
    let is_like = matches!(operator.test, Test::StringLike | Test::Arn);
    let mut values = condition.values.iter().map(|it| it.template.text());
    let hit = values.any(|text| {
        if is_like {
            pattern::matches(text, value)
        } else {
            text.eq_ignore_ascii_case(value)
        }
    });
    hit != operator.negated
}
