//! An account as a credential sees it, for preflight.

use super::{CallError, Cause, CollectError, Connection, Wanted, collect};
use crate::account::{Caller, Snapshot, Unread};
use crate::policy::Kind;
use crate::preflight::{Account, Assumed, Judgement, Probe, Probed, Remark, Simulated, Simulation};

/// A connection that answers a preflight.
#[derive(Debug)]
pub struct Live<'c> {
    connection: &'c Connection,
    now: String,
}

impl<'c> Live<'c> {
    /// Wraps a connection; `now` is written into what is read: RFC 3339, UTC.
    #[must_use]
    pub fn new(connection: &'c Connection, now: String) -> Self {
        Self { connection, now }
    }
}

fn refused(what: &str, error: CallError) -> Box<Unread> {
    Box::new(error.unread(what))
}

impl Account for Live<'_> {
    fn caller(&mut self) -> Result<Caller, Box<Unread>> {
        let caller = self.connection.caller();
        caller.map_err(|error| refused("whose credential it is", error))
    }

    fn snapshot(&mut self, principal: &str) -> Result<Snapshot, Box<Unread>> {
        let wanted = Wanted {
            principals: vec![principal.to_owned()],
            organization: true,
            member: None,
            now: self.now.clone(),
        };
        collect(self.connection, &wanted, &mut |_| {}).map_err(|error| match error {
            CollectError::Call(error) => refused("the principal", error),
            other => Box::new(Unread {
                what: "the policies of the principal".to_owned(),
                message: other.to_string(),
                ..Unread::default()
            }),
        })
    }

    fn simulate(
        &mut self,
        principal: &str,
        asked: &Simulation,
    ) -> Result<Vec<Simulated>, Box<Unread>> {
        let answers = self.connection.simulate(principal, asked);
        answers.map_err(|error| refused("the policy simulator's answer", error))
    }

    fn probe(&mut self, probe: &Probe) -> Probed {
        self.connection.probe(probe)
    }

    fn assume(&mut self, role: &str, external_id: Option<&str>) -> Assumed {
        match self.connection.try_role(role, external_id) {
            Ok(()) => Assumed::Granted,
            Err(error) if error.cause == Cause::Denied => {
                Assumed::Refused(*refused("a session of the role", error))
            }
            Err(error) => Assumed::Unclear(*refused("a session of the role", error)),
        }
    }

    fn regions(&mut self) -> Result<Vec<String>, Box<Unread>> {
        let regions = self.connection.regions();
        regions.map_err(|error| refused("the regions that are enabled", error))
    }

    fn validate(&mut self, document: &str, kind: Kind) -> Result<Vec<Remark>, Box<Unread>> {
        let remarks = self.connection.validate_policy(document, kind);
        remarks.map_err(|error| refused("AWS's opinion of a policy", error))
    }

    fn grants(&mut self, document: &str, actions: &[&str]) -> Result<Judgement, Box<Unread>> {
        let actions: Vec<String> = actions.iter().map(ToString::to_string).collect();
        let kind = Kind::Identity;
        let answer = self
            .connection
            .check_access_not_granted(document, &actions, &[], kind);
        answer.map_err(|error| refused("AWS's opinion of what a policy grants", error))
    }

    fn quota(&mut self, region: &str, service: &str, code: &str) -> Result<f64, Box<Unread>> {
        let value = self.connection.quota(region, service, code);
        value.map_err(|error| refused("a quota", error))
    }
}
