//! Tries the door: the role must open to the right external ID, and to nothing else.

use super::{Account, Assumed};
use crate::account::Unread;

/// Which role is tried, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustOrder {
    /// The ARN of the role.
    pub role: String,
    /// The external ID that the vendor sends.
    pub external_id: String,
    /// A random one that nobody can have agreed on.
    pub wrong: String,
}

/// What was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// The agreed external ID.
    Right,
    /// A random one.
    Wrong,
    /// None.
    Nothing,
}

impl Given {
    /// Returns it in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Right => "the right external ID",
            Self::Wrong => "a wrong external ID",
            Self::Nothing => "no external ID",
        }
    }
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What was sent.
    pub given: Given,
    /// Whether it ended as it must; none: nobody knows.
    pub good: Option<bool>,
    /// AWS's answer, where it is not a session.
    pub answer: Option<Unread>,
}

/// What the attempts say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// The role.
    pub role: String,
    /// In the order in which they were made.
    pub attempts: Vec<Attempt>,
}

impl Trust {
    /// Whether only the right external ID opens the role; none: not known.
    #[must_use]
    pub fn holds(&self) -> Option<bool> {
        if self.attempts.iter().any(|it| it.good == Some(false)) {
            return Some(false);
        }
        let all = self.attempts.iter().all(|it| it.good == Some(true));
        all.then_some(true)
    }
}

/// Makes the three attempts. A refusal proves something only where the right one was taken: AWS
/// refuses a role that is not there, and one that is not yet ready, in the same words.
pub(super) fn try_door(order: &TrustOrder, account: &mut dyn Account) -> Trust {
    let mut attempts: Vec<Attempt> = Vec::new();
    for (given, external_id) in [
        (Given::Right, Some(order.external_id.as_str())),
        (Given::Wrong, Some(order.wrong.as_str())),
        (Given::Nothing, None),
    ] {
        let is_open = attempts.first().is_some_and(|it| it.good == Some(true));
        let (good, answer) = match (given, account.assume(&order.role, external_id)) {
            (Given::Right, Assumed::Granted) => (Some(true), None),
            (Given::Right, Assumed::Refused(why)) => (Some(false), Some(why)),
            (_, Assumed::Granted) => (Some(false), None),
            (_, Assumed::Refused(why)) => (is_open.then_some(true), Some(why)),
            (_, Assumed::Unclear(why)) => (None, Some(why)),
        };
        attempts.push(Attempt {
            given,
            good,
            answer,
        });
    }
    Trust {
        role: order.role.clone(),
        attempts,
    }
}
