//! What lies in another account: its owner's policy decides too, and nobody here makes that policy.
//!
//! So it is taken for granted, named, and only the side of the customer is judged: the identity
//! policy and the boundary still have to allow the request.

use std::collections::BTreeSet;

use serde_json::json;

use crate::check::{Input, Report, Verdict};
use crate::evaluate::Principal;
use crate::policy::{Document, Kind, written};
use crate::profile::SettingError;

/// What undecided calls are about in other accounts.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    /// The caller's own account.
    account: String,
    /// Action, resource, and the account that owns it.
    pub(super) resources: BTreeSet<(String, String, String)>,
}

impl Elsewhere {
    /// # Errors
    ///
    /// Everything that is wrong with the settings.
    pub(super) fn of(input: &Input<'_>, report: &Report) -> Result<Self, Vec<SettingError>> {
        let actor = input.settings.actors.first();
        let actor = actor.unwrap_or(&input.profile.default_actor);
        let principal = input.profile.principal(actor, input.settings)?;
        let principal = principal.and_then(|it| Principal::parse(&it));
        let Some(account) = principal.as_ref().and_then(Principal::account) else {
            return Ok(Self::default());
        };
        let undecided = |it: &&crate::check::Judged| it.verdict == Verdict::Unknown;
        let mut resources = BTreeSet::new();
        for judged in report.requirements.iter().filter(undecided) {
            for resource in &judged.call.resources {
                if let Some(owner) = resource.account.as_deref().filter(|it| *it != account) {
                    let pattern = resource.family.as_ref().unwrap_or(&resource.arn);
                    let action = judged.call.action.clone();
                    resources.insert((action, pattern.clone(), owner.to_owned()));
                }
            }
        }
        Ok(Self {
            account: account.to_owned(),
            resources,
        })
    }

    /// Returns the policy that lets the caller's account in, and nobody else.
    pub(super) fn policy(&self) -> Document {
        let statements: Vec<serde_json::Value> = self
            .resources
            .iter()
            .map(|(action, resource, _)| {
                let partition = resource.split(':').nth(1).unwrap_or("aws");
                json!({
                    "Effect": "Allow",
                    "Principal": {"AWS": format!("arn:{partition}:iam::{}:root", self.account)},
                    "Action": action,
                    "Resource": resource,
                })
            })
            .collect();
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        written(&policy.to_string(), Kind::Resource)
    }

    /// Returns what is taken for granted.
    pub(super) fn assumptions(&self) -> impl Iterator<Item = String> {
        let places = self.resources.iter();
        places.map(|(action, resource, owner)| {
            format!(
                "the account {owner} lets {action} on {resource} in: only the customer's side was \
                 judged"
            )
        })
    }
}
