//! The requests that requirements consist of, one by one: for those who change policies and have to
//! know of each whether it is allowed by what they made.
//!
//! Verdicts per requirement, their reasons and alternatives are `check::run`'s.

use super::exact::settle;
use super::family::Scope;
use super::judge::Judge;
use super::{Input, Verdict};
use crate::catalog::Catalog;
use crate::evaluate::{Action, Decision, Policies, Request};
use crate::profile::{Call, SettingError};

/// A request that a requirement needs allowed, or a family of them.
#[derive(Clone, Debug)]
pub struct Need {
    /// The call.
    pub call: Call,
    /// Which of the call's resources it is about; none: the action has no resource.
    pub resource: Option<usize>,
    /// The request of the made-up member.
    pub request: Request,
    scope: Scope,
    policies: usize,
}

/// What came of a need.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Whether every request of the family is allowed.
    pub verdict: Verdict,
    /// A request that shows it.
    pub shown: Request,
    /// What AWS says of that request.
    pub decision: Decision,
    /// The policies that decide it.
    pub policies: Policies,
}

/// Everything that a profile needs of the judged actor's own policies.
#[derive(Debug)]
pub struct Needs<'a> {
    judge: Judge<'a>,
    catalog: &'a Catalog,
    /// In the order of the phases.
    pub all: Vec<Need>,
}

impl<'a> Needs<'a> {
    /// Returns the requests of every requirement that is on. Those that the caller's own policies
    /// do not decide, as when somebody else's role is assumed, are left out.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the settings.
    pub fn of(input: &'a Input<'a>) -> Result<Self, Vec<SettingError>> {
        let mut judge = Judge::new(input)?;
        let mut all = Vec::new();
        let settings = crate::profile::Settings {
            actors: Vec::new(),
            ..input.settings.clone()
        };
        for call in input.profile.calls(&settings)? {
            if !judge.judges(&call) {
                continue;
            }
            let Some(action) = Action::parse(&call.action) else {
                continue;
            };
            for part in judge.requests(&action, &call) {
                if !judge.stack().is_of_elsewhere(part.policies) {
                    all.push(Need {
                        call: call.clone(),
                        resource: part.resource,
                        request: part.request,
                        scope: part.scope,
                        policies: part.policies,
                    });
                }
            }
        }
        Ok(Self {
            judge,
            catalog: input.catalog,
            all,
        })
    }

    /// Decides a need with these policies of the caller; what resources say stays as it is.
    #[must_use]
    pub fn settle(&self, need: &Need, own: &Policies) -> Answer {
        let policies = Policies {
            resource: self.judge.stack().get(need.policies).resource.clone(),
            ..own.clone()
        };
        let settled = settle(&policies, self.catalog, &need.request, &need.scope);
        Answer {
            verdict: settled.verdict,
            shown: settled.shown.unwrap_or_else(|| need.request.clone()),
            decision: settled.decision,
            policies,
        }
    }
}

impl Need {
    /// Returns the pattern or ARN of what it is about; `*` for an action without resources.
    #[must_use]
    pub fn resource_name(&self) -> &str {
        let resource = self.resource.map(|at| &self.call.resources[at]);
        resource.map_or("*", |it| it.family.as_deref().unwrap_or(&it.arn))
    }
}
