//! Roles and users that a document lets its holder make with any permission, though each action
//! is limited by name: the chain over a second principal that one document shows.

use super::escalation::Reach;
use super::grant::{Grant, is_met, may_apply, names_folded};
use super::subject::Subject;
use crate::pattern;
use crate::policy::{Document, Effect, ResourceElement, Statement};

/// A principal that the holder makes, gives any permission and then acts as.
#[derive(Clone, Debug)]
pub struct Made<'a> {
    /// `role` or `user`.
    pub kind: &'static str,
    /// The calls with their grants, in order.
    pub steps: Vec<(&'static str, Grant<'a>)>,
}

/// What gives a principal permissions, and what then lets the holder act as it. A trust policy that
/// names the caller needs no permission to assume the role (IAM User Guide, "Cross-account policy
/// evaluation logic" and "Roles terms and concepts").
const CHAINS: [(&str, &str, [&str; 2], &[&str]); 2] = [
    (
        "role",
        "iam:CreateRole",
        ["iam:AttachRolePolicy", "iam:PutRolePolicy"],
        &[],
    ),
    (
        "user",
        "iam:CreateUser",
        ["iam:AttachUserPolicy", "iam:PutUserPolicy"],
        &["iam:CreateAccessKey", "iam:CreateLoginProfile"],
    ),
];

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

impl<'a> Subject<'a> {
    /// Returns the principals that the document lets its holder make with any permission: no
    /// boundary is required, and the policy is not limited. Where the permission to write policies
    /// is on every role or user, that is an escalation by itself and not one of these.
    #[must_use]
    pub fn made_principals(&self) -> Vec<Made<'a>> {
        if !self.names_service("iam") || self.document.refusal().is_some() {
            return Vec::new();
        }
        let chains = CHAINS.iter();
        chains
            .filter_map(|(kind, create, give, act)| self.chain(kind, create, give, act))
            .collect()
    }

    fn chain(
        &self,
        kind: &'static str,
        create: &'static str,
        give: &[&'static str],
        act: &[&'static str],
    ) -> Option<Made<'a>> {
        for made in self.making(create, kind) {
            let given = give.iter().find_map(|action| {
                let mut grants = self.making(action, kind).into_iter();
                let grant =
                    grants.find(|it| self.same_names(made.statement, it.statement, kind))?;
                Some((*action, grant))
            });
            let Some(given) = given else { continue };
            let mut steps = vec![(create, made), given];
            if !act.is_empty() {
                let acts = act.iter().find_map(|action| {
                    let mut grants = self.making(action, kind).into_iter();
                    let grant =
                        grants.find(|it| self.same_names(made.statement, it.statement, kind))?;
                    Some((*action, grant))
                });
                steps.push(acts?);
            }
            let is_open = self.escalations().iter().any(|it| {
                let mut calls = it.path.calls.iter();
                calls.any(|call| call.action == steps[1].0 && call.reach != Reach::Some)
            });
            let is_whole = steps[1].1.statement.resource.as_ref();
            let is_whole = is_whole.is_none_or(names_everything);
            if !is_open && !is_whole {
                return Some(Made { kind, steps });
            }
        }
        None
    }

    /// Returns the statements that grant a call on some role or user, with any boundary or none and
    /// any policy.
    fn making(&self, action: &str, kind: &str) -> Vec<Grant<'a>> {
        let document: &'a Document = self.document;
        let folded = action.to_ascii_lowercase();
        let context = [("iam:policyarn", ADMINISTRATOR)];
        let denied = document.statements.iter().any(|it| {
            it.effect == Effect::Deny
                && names_folded(it, action, &folded).is_some()
                && may_apply(it, &context)
        });
        if denied {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (index, statement) in document.statements.iter().enumerate() {
            let Some(own) = names_folded(statement, action, &folded) else {
                continue;
            };
            let Some(element) = statement.resource.as_ref().filter(|it| !it.negated) else {
                continue;
            };
            let mut patterns = element.patterns.iter();
            let named = patterns.find(|it| self.memo.may_name_of(it, action, kind));
            let limited = statement.conditions.iter().any(|condition| {
                match (condition.operator, &*condition.key) {
                    (Some(operator), "iam:policyarn") => {
                        !is_met(condition, operator, ADMINISTRATOR)
                    }
                    _ => condition.limits_making(statement),
                }
            });
            if let Some(pattern) = named
                && !limited
                && statement.effect == Effect::Allow
            {
                found.push(Grant {
                    index,
                    statement,
                    action: own,
                    resource: pattern.span,
                });
            }
        }
        found
    }
}

impl Subject<'_> {
    /// Returns whether two statements can be about the same role or user.
    fn same_names(&self, one: &Statement, other: &Statement, kind: &str) -> bool {
        let names = |statement: &Statement| -> Vec<String> {
            let element = statement.resource.iter();
            let patterns = element.flat_map(|it| &it.patterns);
            let own = patterns.filter(|it| self.memo.may_name_of(it, "iam:CreateRole", kind));
            own.map(|it| it.template.text().to_owned()).collect()
        };
        let others = names(other);
        names(one).iter().any(|a| {
            let mut others = others.iter();
            others.any(|b| pattern::overlap(a, b, |a, b| a == b))
        })
    }
}

fn names_everything(element: &ResourceElement) -> bool {
    let mut patterns = element.patterns.iter();
    element.negated || patterns.any(|it| it.is_everything())
}
