//! Says what a credential in hand may do, before it is saved: for each requirement the strongest
//! evidence there is.
//!
//! The ladder of evidence is *proven* (the policy texts were read, and decide), *simulated* (AWS's
//! policy simulator), *probed* (a request that cannot succeed) and *unknown*. [`Account`] is what is
//! asked; `aws` asks it over the network. Nothing here touches the network, files or the clock.

mod identity;
mod opinion;
pub mod probe;
mod probed;
mod quota;
mod run;
mod rung;
mod simulated;
mod trust;

pub use identity::{Holder, Identity};
pub use opinion::{Judgement, Opinion, Place, Remark, TAKEOVER};
pub use probe::Probe;
pub use probed::Probing;
pub use quota::Quota;
pub use run::{Failure, Order, Parties, Region, Report, Row, run};
pub use rung::{Rung, Settled};
pub use trust::{Attempt, Given, Trust, TrustOrder};

use crate::account::{Caller, Snapshot, Unread};
use crate::policy::Kind;

/// An account as a credential sees it.
pub trait Account {
    /// Returns whose credential it is.
    ///
    /// # Errors
    ///
    /// Nobody answered, or AWS does not know the credential.
    fn caller(&mut self) -> Result<Caller, Box<Unread>>;

    /// Reads a principal's policies; what cannot be read is in the snapshot.
    ///
    /// # Errors
    ///
    /// The caller could not be told.
    fn snapshot(&mut self, principal: &str) -> Result<Snapshot, Box<Unread>>;

    /// Asks AWS's policy simulator about one principal: one answer for each action and resource.
    ///
    /// # Errors
    ///
    /// It may not be asked, or was not answered.
    fn simulate(
        &mut self,
        principal: &str,
        asked: &Simulation,
    ) -> Result<Vec<Simulated>, Box<Unread>>;

    /// Sends a request that cannot succeed, and returns what its answer says.
    fn probe(&mut self, probe: &Probe) -> Probed;

    /// Tries to assume a role; the session's credentials are dropped at once.
    fn assume(&mut self, role: &str, external_id: Option<&str>) -> Assumed;

    /// Returns the regions that are enabled for the account.
    ///
    /// # Errors
    ///
    /// It may not be asked, or was not answered.
    fn regions(&mut self) -> Result<Vec<String>, Box<Unread>>;

    /// Asks IAM Access Analyzer what is wrong with a policy.
    ///
    /// # Errors
    ///
    /// It may not be asked, or was not answered.
    fn validate(&mut self, document: &str, kind: Kind) -> Result<Vec<Remark>, Box<Unread>>;

    /// Asks IAM Access Analyzer whether an identity policy grants none of these actions.
    ///
    /// # Errors
    ///
    /// It may not be asked, or was not answered.
    fn grants(&mut self, document: &str, actions: &[&str]) -> Result<Judgement, Box<Unread>>;

    /// Returns the value of a quota in a region.
    ///
    /// # Errors
    ///
    /// It may not be asked, or was not answered.
    fn quota(&mut self, region: &str, service: &str, code: &str) -> Result<f64, Box<Unread>>;
}

/// One question to the policy simulator: at most 50 actions on these resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simulation {
    /// The actions, `service:Name`, without wildcards.
    pub actions: Vec<String>,
    /// The ARNs; none: the actions have no resource.
    pub resources: Vec<String>,
    /// Context keys with their type (`string`, `stringList`) and values.
    pub context: Vec<(String, &'static str, Vec<String>)>,
}

/// One answer of the policy simulator: for one action, and one of the resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulated {
    /// The action.
    pub action: String,
    /// The resource; `*` where none was asked about.
    pub resource: String,
    /// The decision.
    pub decision: SimulatedDecision,
    /// Whether the permissions boundary allows it, where there is one.
    pub boundary_allows: Option<bool>,
    /// Whether the organization's policies allow it, where AWS says so.
    pub organization_allows: Option<bool>,
    /// Context keys that were not given and that a policy tests.
    pub missing: Vec<String>,
}

/// What the policy simulator decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimulatedDecision {
    /// Allowed.
    Allowed,
    /// A statement denies it.
    ExplicitDeny,
    /// No statement allows it.
    ImplicitDeny,
}

/// What the answer to a probe says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probed {
    /// The request passed authorisation: the code that says so, and the request id.
    Allowed {
        /// AWS's code, such as `DryRunOperation`.
        code: String,
        /// The request id.
        request_id: String,
    },
    /// It was refused: the code and AWS's words.
    Denied {
        /// AWS's code, such as `UnauthorizedOperation`.
        code: String,
        /// AWS's words.
        message: String,
        /// The request id.
        request_id: String,
    },
    /// The answer says neither.
    Unclear(Unread),
}

/// How an attempt to assume a role ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assumed {
    /// AWS gave a session, which was dropped.
    Granted,
    /// AWS refused.
    Refused(Unread),
    /// Nobody knows.
    Unclear(Unread),
}
