//! Makes the member account, which can be made by mistake but not unmade: closing it is final.
//!
//! `CreateAccount` has no client token and answers before the account is there, so the id of the
//! request is written down at once; where it was lost, the request is found again by the account's
//! name, and the account by its address (AWS Organizations API Reference, "CreateAccount").

use crate::plan::{Account, Found, Object, Plan, What, differences};

use super::apply::{Outcome, entry, failed, observe};
use super::journal::{Event, Journal, Past};
use super::make::{Repeats, repeated};
use super::stop::{Foreign, Stop};
use super::{Class, Clock, Created, Hands, Pauses, Progress, Site};

/// Makes the account unless it is there, and enters it.
pub(super) fn make<H, J, C>(
    plan: &Plan,
    object: &Object,
    site: &mut Site<'_, H, J, C>,
) -> Result<(Outcome, Account), Stop>
where
    H: Hands,
    J: Journal<Secret = H::Secret>,
    C: Clock,
{
    let What::Account(wanted) = &object.what else {
        return Err(Stop::Moved(vec![foreign(object, "is no account")]));
    };
    let past = Past(site.journal.entries()?);
    let (outcome, id) = match past.there(&object.key) {
        Some(before) => (Outcome::There, before.about.clone()),
        None => bring(plan, object, wanted, &past, site)?,
    };
    let account = Account {
        id: Some(id),
        ..wanted.clone()
    };
    enter(object, &account, site)?;
    Ok((outcome, account))
}

/// Enters an account, for which its access role must be known to AWS.
pub(super) fn enter<H, J, C>(
    object: &Object,
    account: &Account,
    site: &mut Site<'_, H, J, C>,
) -> Result<(), Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let there = What::Account(account.clone());
    let entered = repeated(site, |hands| hands.settle(&there));
    entered.map_err(|failure| failed(&object.key, failure))
}

fn foreign(object: &Object, reason: &'static str) -> Foreign {
    Foreign {
        object: object.key.clone(),
        reason,
        differences: Vec::new(),
    }
}

/// Returns the id of the account that is there or was made.
fn bring<H, J, C>(
    plan: &Plan,
    object: &Object,
    wanted: &Account,
    past: &Past,
    site: &mut Site<'_, H, J, C>,
) -> Result<(Outcome, String), Stop>
where
    H: Hands,
    J: Journal<Secret = H::Secret>,
    C: Clock,
{
    let is_open = !past.open(&object.key).is_empty();
    let may_adopt = is_open || object.found == Found::Same;
    if let Some(request) = past.request(&object.key) {
        return follow(plan, object, wanted, request, site);
    }
    if let Some(id) = found(object, wanted, may_adopt, site)? {
        let event = match is_open {
            true => Event::Made,
            false => Event::Adopted,
        };
        let result = entry(plan, object, site.clock, event, id.clone());
        site.journal.add(&result)?;
        return Ok((Outcome::Adopted, id));
    }
    if is_open && let Some(request) = lost_request(object, wanted, site)? {
        let result = entry(plan, object, site.clock, Event::Requested, request.clone());
        site.journal.add(&result)?;
        return follow(plan, object, wanted, &request, site);
    }
    let request = ask(plan, object, wanted, site)?;
    follow(plan, object, wanted, &request, site)
}

/// Returns the id of an account that is there, unless it is somebody else's.
fn found<H, J, C>(
    object: &Object,
    wanted: &Account,
    may_adopt: bool,
    site: &mut Site<'_, H, J, C>,
) -> Result<Option<String>, Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let Some(there) = observe(object, site)? else {
        return Ok(None);
    };
    let differences = differences(&What::Account(wanted.clone()), &there);
    let reason = match (differences.is_empty(), may_adopt) {
        (false, _) => "is there and differs: it is left as it is",
        (true, false) => "appeared after the plan was made: make a new plan",
        (true, true) => {
            return match there {
                What::Account(Account { id, .. }) => Ok(id),
                _ => Ok(None),
            };
        }
    };
    Err(Stop::Moved(vec![Foreign {
        differences,
        ..foreign(object, reason)
    }]))
}

/// Looks for the request that a lost answer may have left.
fn lost_request<H, J, C>(
    object: &Object,
    wanted: &Account,
    site: &mut Site<'_, H, J, C>,
) -> Result<Option<String>, Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let mut pauses = Pauses::new(site.limits.patience, site.limits.pause);
    loop {
        let found = site.hands.find_request(wanted);
        let found = found.map_err(|failure| failed(&object.key, failure))?;
        if found.is_some() || !pauses.wait(site.clock) {
            return Ok(found);
        }
    }
}

/// Asks for the account, and returns the id of the request.
fn ask<H, J, C>(
    plan: &Plan,
    object: &Object,
    wanted: &Account,
    site: &mut Site<'_, H, J, C>,
) -> Result<String, Stop>
where
    H: Hands,
    J: Journal<Secret = H::Secret>,
    C: Clock,
{
    let mut repeats = Repeats::new(site.limits);
    loop {
        let intent = entry(
            plan,
            object,
            site.clock,
            Event::Creates,
            wanted.email.clone(),
        );
        site.journal.add(&intent)?;
        let failure = match site.hands.create(&object.what) {
            Ok(Created::Requested(id)) => {
                let result = entry(plan, object, site.clock, Event::Requested, id.clone());
                site.journal.add(&result)?;
                return Ok(id);
            }
            Ok(_) => {
                return Err(Stop::Moved(vec![foreign(
                    object,
                    "was answered without a request",
                )]));
            }
            Err(failure) => failure,
        };
        if failure.class == Class::Unknown {
            if let Some(id) = lost_request(object, wanted, site)? {
                let result = entry(plan, object, site.clock, Event::Requested, id.clone());
                site.journal.add(&result)?;
                return Ok(id);
            }
        } else {
            let words = failure.to_string();
            let result = entry(plan, object, site.clock, Event::Failed, words);
            site.journal.add(&result)?;
        }
        if !repeats.wait(failure.class, site.clock) {
            return Err(failed(&object.key, failure));
        }
    }
}

/// Asks how far a request is until the account is there.
fn follow<H, J, C>(
    plan: &Plan,
    object: &Object,
    wanted: &Account,
    request: &str,
    site: &mut Site<'_, H, J, C>,
) -> Result<(Outcome, String), Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let mut pauses = Pauses::new(site.limits.account, site.limits.pause);
    loop {
        let progress = site.hands.request(request);
        match progress.map_err(|failure| failed(&object.key, failure))? {
            Progress::Done(id) => {
                let result = entry(plan, object, site.clock, Event::Made, id.clone());
                site.journal.add(&result)?;
                return Ok((Outcome::Made, id));
            }
            Progress::Pending if pauses.wait(site.clock) => {}
            Progress::Pending => {
                return Err(Stop::StillPending {
                    object: object.key.clone(),
                    request: request.to_owned(),
                });
            }
            Progress::Failed(reason) => return refused(plan, object, wanted, reason, site),
        }
    }
}

/// The address may be taken by the account that an earlier call of ours has made.
fn refused<H, J, C>(
    plan: &Plan,
    object: &Object,
    wanted: &Account,
    reason: String,
    site: &mut Site<'_, H, J, C>,
) -> Result<(Outcome, String), Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let result = entry(plan, object, site.clock, Event::Failed, reason.clone());
    site.journal.add(&result)?;
    let past = Past(site.journal.entries()?);
    let is_open = !past.open(&object.key).is_empty();
    if is_open && let Some(id) = found(object, wanted, true, site)? {
        let result = entry(plan, object, site.clock, Event::Made, id.clone());
        site.journal.add(&result)?;
        return Ok((Outcome::Adopted, id));
    }
    Err(Stop::NoAccount {
        object: object.key.clone(),
        reason,
    })
}
