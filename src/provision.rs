//! Makes and removes what a [`plan`](crate::plan) says, step by step, so that it can stop anywhere
//! and go on: intent, observation, call, result.
//!
//! [`apply()`] and [`destroy()`] decide what is done next; [`Hands`] does it, [`Journal`] remembers it and
//! [`Clock`] waits. Nothing here touches the network, files or the clock, so that every fault can be
//! rehearsed. Nothing is ever changed in place: what differs is shown and left.
//!
//! INVARIANT: no call that writes is made before its intent is in the journal; no access key is
//! deleted that the journal does not know, but for the one exception that `access_key` tells.

mod access_key;
mod apply;
mod destroy;
mod journal;
mod make;
mod new_account;
mod stop;

use std::fmt;
use std::time::Duration;

use crate::account::{Caller, Unread};
use crate::plan::{Account, Ground, What};

pub use apply::{Applied, Outcome, apply};
pub use destroy::{Destroyed, Left, Removed, destroy};
pub use journal::{Entry, Event, Journal, Lost, Past};
pub use stop::{Foreign, Stop};

/// What can be done to an account. Calls that create are made once, and never repeated by whatever
/// lies below: a lost answer and a blind repetition make two access keys, and the first secret is
/// gone.
pub trait Hands: Ground {
    /// The secret of an access key, of which nothing is known here.
    type Secret;

    /// Returns whose credential it is.
    ///
    /// # Errors
    ///
    /// Nobody answered, or AWS does not know the credential.
    fn caller(&mut self) -> Result<Caller, Failure>;

    /// Creates what is wanted.
    ///
    /// # Errors
    ///
    /// It was not created, or nobody knows.
    fn create(&mut self, wanted: &What) -> Result<Created<Self::Secret>, Failure>;

    /// Deletes it; what is not there is deleted. A policy goes with all its versions.
    ///
    /// # Errors
    ///
    /// It is still there, or nobody knows.
    fn delete(&mut self, what: &What) -> Result<(), Failure>;

    /// Makes sure that what is there can be used: a key that was made just now is known to AWS, and a
    /// member account is entered: whatever is asked afterwards is asked there.
    ///
    /// # Errors
    ///
    /// It cannot be used, or cannot be used yet.
    fn settle(&mut self, there: &What) -> Result<(), Failure>;

    /// Returns what is known about an access key of a user, by the user's ARN and the key's id.
    ///
    /// # Errors
    ///
    /// It could not be read.
    fn key(&mut self, user: &str, id: &str) -> Result<KeyFacts, Failure>;

    /// Returns how far the creation of an account has come, by the id of its request.
    ///
    /// # Errors
    ///
    /// It could not be read.
    fn request(&mut self, id: &str) -> Result<Progress, Failure>;

    /// Returns the id of the latest request for an account of this name.
    ///
    /// # Errors
    ///
    /// It could not be read.
    fn find_request(&mut self, account: &Account) -> Result<Option<String>, Failure>;

    /// Returns what keeps it from being deleted, in words: who else uses a policy, what else hangs on
    /// a user or role.
    ///
    /// # Errors
    ///
    /// It could not be read.
    fn held_by(&mut self, what: &What) -> Result<Vec<String>, Failure>;

    /// Closes a member account, for good.
    ///
    /// # Errors
    ///
    /// It is still open, or nobody knows.
    fn close(&mut self, account: &str) -> Result<(), Failure>;
}

/// What a call that creates has led to.
#[derive(Debug)]
pub enum Created<S> {
    /// It is there.
    There,
    /// An access key is there, whose secret is shown this once.
    Key {
        /// Its id.
        id: String,
        /// Its secret.
        secret: S,
    },
    /// It is being created: the id by which one asks how far it is.
    Requested(String),
}

/// What is known about an access key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// When it was created, in seconds since 1970.
    pub created: i64,
    /// Whether anybody has used it.
    pub used: bool,
}

/// How far the creation of an account has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It goes on.
    Pending,
    /// The account is there: its id.
    Done(String),
    /// It failed, for this reason.
    Failed(String),
}

/// A call that was not answered with what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it means for what is done next.
    pub class: Class,
    /// The call, and what AWS said.
    pub call: Box<Unread>,
}

/// What a failure means for what is done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The credential may not do this: it took no effect, and waiting does not help.
    Denied,
    /// The credential itself is not taken, so no other call will be either.
    Credential,
    /// There is one of that name.
    Exists,
    /// AWS does not know yet what was made just now: it took no effect, and waiting helps.
    NotYet,
    /// Too many calls, or something else is being changed: it took no effect, and waiting helps.
    Throttled,
    /// Nobody knows whether it took effect.
    Unknown,
    /// Something else hangs on what was to be deleted.
    InUse,
    /// Anything else: it took no effect.
    Refused,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words(&self.call))
    }
}

/// Returns a call that was not answered as it should be, in words.
pub(crate) fn words(call: &Unread) -> String {
    let mut words = call.operation.clone();
    if !call.resource.is_empty() {
        words.push_str(&format!(" on `{}`", call.resource));
    }
    match call.code.as_str() {
        "" => words.push_str(&format!(" was not answered: {}", call.message)),
        code => words.push_str(&format!(" failed with {code}: {}", call.message)),
    }
    if !call.request_id.is_empty() {
        words.push_str(&format!(" (request {})", call.request_id));
    }
    words
}

/// Time, which tests let pass at once.
pub trait Clock {
    /// Returns the seconds since 1970.
    fn now(&self) -> i64;

    /// Waits.
    fn sleep(&mut self, time: Duration);
}

/// How long is waited for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long what was made just now may be unknown to AWS.
    pub propagation: Duration,
    /// How long calls are repeated that came too often.
    pub throttling: Duration,
    /// How long what a lost answer may have left is looked for before it is made again.
    pub patience: Duration,
    /// How long the creation of an account may take.
    pub account: Duration,
    /// How often one object is tried whose outcome nobody knows.
    pub attempts: u32,
    /// The first pause; each further one is twice as long, up to fifteen times.
    pub pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            propagation: Duration::from_secs(120),
            throttling: Duration::from_secs(180),
            patience: Duration::from_secs(30),
            account: Duration::from_secs(1200),
            attempts: 5,
            pause: Duration::from_secs(1),
        }
    }
}

/// Where a plan is applied: hands, journal and clock.
#[derive(Debug)]
pub struct Site<'a, H, J, C> {
    /// What does it.
    pub hands: &'a mut H,
    /// What remembers it.
    pub journal: &'a mut J,
    /// What waits.
    pub clock: &'a mut C,
    /// How long is waited for what.
    pub limits: Limits,
}

/// Pauses that grow: one second, two, four, up to a quarter of a minute.
#[derive(Clone, Copy, Debug)]
struct Pauses {
    next: Duration,
    longest: Duration,
    left: Duration,
}

impl Pauses {
    fn new(limit: Duration, first: Duration) -> Self {
        Self {
            next: first,
            longest: first * 15,
            left: limit,
        }
    }

    /// Waits; false if there is no time left.
    fn wait(&mut self, clock: &mut impl Clock) -> bool {
        let pause = self.next.min(self.left);
        if pause.is_zero() {
            return false;
        }
        clock.sleep(pause);
        self.left -= pause;
        self.next = (self.next * 2).min(self.longest);
        true
    }
}
