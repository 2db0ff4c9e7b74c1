//! Why a bootstrap does not go on.

use crate::account::Unread;
use crate::plan::Difference;

use super::journal::Lost;
use super::{Failure, words};

/// Why a bootstrap does not go on. Whoever reads it can put it right and repeat the command.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The customer's decision is missing: what the plan makes is not good enough.
    #[error("the plan must not be applied: {}", .0.join("; "))]
    Gate(Vec<String>),
    /// The user's: the credential belongs elsewhere.
    #[error("the credential is of {found}, and the plan is for {wanted}")]
    Elsewhere {
        /// Where the credential belongs.
        found: String,
        /// Where the plan belongs.
        wanted: String,
    },
    /// The account is not as it was when the plan was made, or a name is taken.
    #[error("the account is not as the plan found it: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Moved(Vec<Foreign>),
    /// There are access keys that the journal does not know. They may be the customer's own.
    #[error(
        "`{user}` has access keys that this bootstrap did not make: {}; whose are they? Delete or \
         keep them yourself, then repeat this", .ids.join(", ")
    )]
    UnknownKeys {
        /// The ARN of the user.
        user: String,
        /// The ids.
        ids: Vec<String>,
    },
    /// AWS did not do it.
    #[error("{object}: {failure}")]
    Failed {
        /// The object, by its name in the plan.
        object: String,
        /// What AWS said.
        failure: Failure,
    },
    /// AWS gave up creating the account.
    #[error("{object}: AWS did not create the account: {reason}")]
    NoAccount {
        /// The object, by its name in the plan.
        object: String,
        /// AWS's reason.
        reason: String,
    },
    /// It goes on at AWS, and takes longer than this waits.
    #[error("{object}: AWS is still creating the account (request {request}); repeat this later")]
    StillPending {
        /// The object, by its name in the plan.
        object: String,
        /// The id of the request.
        request: String,
    },
    /// What is there could not be read, so nobody may say that nothing is.
    #[error("{object}: {}", words(.call))]
    Unread {
        /// The object, by its name in the plan.
        object: String,
        /// The call, and what AWS said.
        call: Box<Unread>,
    },
    /// Nothing is done that cannot be written down.
    #[error("the journal: {0}")]
    Journal(Lost),
}

impl From<Lost> for Stop {
    fn from(lost: Lost) -> Self {
        Self::Journal(lost)
    }
}

/// Something that is not as a plan takes it to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The object, by its name in the plan.
    pub object: String,
    /// What is wrong, in words.
    pub reason: &'static str,
    /// What differs, if it is that.
    pub differences: Vec<Difference>,
}

impl std::fmt::Display for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.object, self.reason)
    }
}
