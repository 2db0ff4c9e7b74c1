//! Makes one object: intent, call, result; and what to do where the result is not known.

use crate::plan::{Object, Plan, What, differences};

use super::apply::{Outcome, entry, failed, identity, observe};
use super::journal::{Event, Journal};
use super::stop::{Foreign, Stop};
use super::{Class, Clock, Failure, Hands, Pauses, Site};

/// How often a call may be repeated, and how much of that is used up.
pub(super) struct Repeats {
    propagation: Pauses,
    throttling: Pauses,
    unknown: Pauses,
    attempts: u32,
}

impl Repeats {
    pub(super) fn new(limits: super::Limits) -> Self {
        Self {
            propagation: Pauses::new(limits.propagation, limits.pause),
            throttling: Pauses::new(limits.throttling, limits.pause),
            unknown: Pauses::new(limits.throttling, limits.pause),
            attempts: limits.attempts,
        }
    }

    /// Waits before the call is made again; false where it is not to be made again.
    pub(super) fn wait(&mut self, class: Class, clock: &mut impl Clock) -> bool {
        match class {
            Class::NotYet => self.propagation.wait(clock),
            Class::Throttled => self.throttling.wait(clock),
            Class::Unknown => {
                self.attempts = self.attempts.saturating_sub(1);
                self.attempts > 0 && self.unknown.wait(clock)
            }
            Class::Denied | Class::Credential | Class::Exists | Class::InUse | Class::Refused => {
                false
            }
        }
    }
}

/// Makes a call that may be made again until it is answered, or nothing more is to be waited for.
pub(super) fn repeated<H: Hands, J, C: Clock>(
    site: &mut Site<'_, H, J, C>,
    mut call: impl FnMut(&mut H) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut repeats = Repeats::new(site.limits);
    while let Err(failure) = call(site.hands) {
        if !repeats.wait(failure.class, site.clock) {
            return Err(failure);
        }
    }
    Ok(())
}

/// Makes an object that has a name, so that AWS itself refuses a second one.
pub(super) fn named<H, J, C>(
    plan: &Plan,
    object: &Object,
    site: &mut Site<'_, H, J, C>,
) -> Result<Outcome, Stop>
where
    H: Hands,
    J: Journal<Secret = H::Secret>,
    C: Clock,
{
    let mut repeats = Repeats::new(site.limits);
    let about = identity(&object.what);
    // AWS "IAM: troubleshooting, changes that I make are not always immediately visible": the first
    // answer is the one to show if waiting does not help.
    let mut first: Option<Failure> = None;
    loop {
        let intent = entry(plan, object, site.clock, Event::Creates, about.clone());
        site.journal.add(&intent)?;
        let failure = match site.hands.create(&object.what) {
            Ok(_) => return made(plan, object, site),
            Err(failure) => failure,
        };
        match failure.class {
            Class::Exists | Class::Unknown => {
                if seen(object, failure.class, site)? {
                    return made(plan, object, site);
                }
            }
            _ => {
                let words = failure.to_string();
                let result = entry(plan, object, site.clock, Event::Failed, words);
                site.journal.add(&result)?;
            }
        }
        if !repeats.wait(failure.class, site.clock) {
            let shown = match first {
                Some(first) if first.class == failure.class => first,
                _ => failure,
            };
            return Err(failed(&object.key, shown));
        }
        first.get_or_insert(failure);
    }
}

fn made<H, J, C>(
    plan: &Plan,
    object: &Object,
    site: &mut Site<'_, H, J, C>,
) -> Result<Outcome, Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let about = identity(&object.what);
    let result = entry(plan, object, site.clock, Event::Made, about);
    site.journal.add(&result)?;
    Ok(Outcome::Made)
}

/// Returns whether what a call without an answer should have made is there, exactly. After a lost
/// answer one look is enough, because AWS refuses a second object of that name; where AWS says that
/// there is one, it is looked for until it shows itself.
fn seen<H, J, C>(object: &Object, class: Class, site: &mut Site<'_, H, J, C>) -> Result<bool, Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let mut pauses = Pauses::new(site.limits.patience, site.limits.pause);
    loop {
        let there: Option<What> = observe(object, site)?;
        let found = there.map(|it| differences(&object.what, &it));
        match found {
            Some(differences) if differences.is_empty() => return Ok(true),
            None if class == Class::Unknown => return Ok(false),
            found => {
                if pauses.wait(site.clock) {
                    continue;
                }
                let Some(differences) = found else {
                    return Ok(false);
                };
                return Err(Stop::Moved(vec![Foreign {
                    object: object.key.clone(),
                    reason: "was made by somebody else in the meantime: it is left as it is",
                    differences,
                }]));
            }
        }
    }
}
