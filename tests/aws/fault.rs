//! Faults at chosen calls: throttling, failures, denials, waits, and connections that are closed
//! before or after the call took effect.

use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::answer::Refusal;
use super::request::Call;

/// Which of the calls that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// All of them.
    Every,
    /// This one; the first is 1.
    Nth(usize),
    /// As many from the first on.
    First(usize),
    /// This one and all that follow it.
    From(usize),
}

impl Which {
    fn has(self, number: usize) -> bool {
        match self {
            Self::Every => true,
            Self::Nth(wanted) => number == wanted,
            Self::First(count) => number <= count,
            Self::From(first) => number >= first,
        }
    }
}

/// What a test does in the middle of a call; the call's connection is then closed.
pub(crate) type Hook = Arc<dyn Fn() + Send + Sync>;

/// What happens to a call.
#[derive(Clone)]
pub(crate) enum Fault {
    /// It is refused as one too many, in the service's own words; it takes no effect.
    Throttle,
    /// The service fails before the call takes effect.
    ServerError,
    /// The service fails after the call took effect.
    ServerErrorAfter,
    /// It is denied, in these words.
    Deny(String),
    /// It is refused with this.
    Refuse(Refusal),
    /// It waits, and is then served.
    Delay(Duration),
    /// The connection is closed; the call takes no effect.
    DropBefore,
    /// The call takes effect, and the connection is closed.
    DropAfter,
    /// The call takes effect, and half of the answer arrives.
    HalfAnswer,
    /// The test does something before the call takes effect, which it then does not.
    RunBefore(Hook),
    /// The test does something when the call took effect.
    RunAfter(Hook),
}

/// A child process that a fault kills; a test puts it here as soon as it has started it.
pub(crate) type Victim = Arc<Mutex<Option<Child>>>;

/// Returns a hook that kills a child with a signal that it cannot catch, and waits for its end.
pub(crate) fn kill(victim: &Victim) -> Hook {
    let victim = Arc::clone(victim);
    Arc::new(move || {
        loop {
            // A fast child calls before its parent has put it here.
            if let Some(child) = victim.lock().unwrap().as_mut() {
                drop(child.kill());
                drop(child.wait());
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    })
}

/// The faults of a double, each with the number of calls that it was asked about.
#[derive(Default)]
pub(crate) struct Faults(Vec<Rule>);

struct Rule {
    pattern: String,
    which: Which,
    fault: Fault,
    count: usize,
}

impl Faults {
    /// Adds a rule about an operation (`iam:CreateUser`), a service (`iam:*`) or all calls (`*`).
    pub(crate) fn add(&mut self, pattern: &str, which: Which, fault: Fault) {
        self.0.push(Rule {
            pattern: pattern.to_owned(),
            which,
            fault,
            count: 0,
        });
    }

    /// Removes every rule.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Counts a call and returns what happens to it.
    pub(crate) fn of(&mut self, call: &Call) -> Vec<Fault> {
        let mut found = Vec::new();
        for rule in &mut self.0 {
            if !is_about(&rule.pattern, call) {
                continue;
            }
            rule.count += 1;
            if rule.which.has(rule.count) {
                found.push(rule.fault.clone());
            }
        }
        found
    }
}

fn is_about(pattern: &str, call: &Call) -> bool {
    match pattern.split_once(':') {
        None => pattern == "*",
        Some((service, operation)) => {
            service == call.service && (operation == "*" || operation == call.operation)
        }
    }
}
