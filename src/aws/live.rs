//! An account as a credential sees it, for preflight.

use super::{CallError, CollectError, Connection, Wanted, collect};
use crate::account::{Caller, Snapshot, Unread};
use crate::preflight::{Account, Assumed, Probe, Probed, Simulated, Simulation};

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

    fn simulate(&mut self, _: &str, _: &Simulation) -> Result<Vec<Simulated>, Box<Unread>> {
        Err(Box::default())
    }

    fn probe(&mut self, _: &Probe) -> Probed {
        Probed::Unclear(Unread::default())
    }

    fn assume(&mut self, _: &str, _: Option<&str>) -> Assumed {
        Assumed::Unclear(Unread::default())
    }

    fn regions(&mut self) -> Result<Vec<String>, Box<Unread>> {
        Err(Box::default())
    }

    fn quota(&mut self, _: &str, _: &str, _: &str) -> Result<f64, Box<Unread>> {
        Err(Box::default())
    }
}
