//! Makes an access key, of which there must never be one too many: a user has two at most, and a
//! secret is shown once.
//!
//! A key that the journal does not know may be the customer's own, so it stops everything. The one
//! exception is a key that an answer of ours was lost with: the journal has an open call for this
//! user, the user carries our tag, the key was created after that call began, and nobody has used
//! it. Its secret is lost for ever, so it is deleted and made anew.

use crate::account::Unread;
use crate::plan::{AccessKey, Object, Plan, What};

use super::apply::{Outcome, entry, failed, is_ours, look, observe};
use super::journal::{Event, Journal, Past};
use super::make::{Repeats, repeated};
use super::stop::{Foreign, Stop};
use super::{Class, Clock, Created, Failure, Hands, Pauses, Site};

pub(super) fn make<H, J, C>(
    plan: &Plan,
    object: &Object,
    wanted: &AccessKey,
    site: &mut Site<'_, H, J, C>,
) -> Result<Outcome, Stop>
where
    H: Hands,
    J: Journal<Secret = H::Secret>,
    C: Clock,
{
    let mut repeats = Repeats::new(site.limits);
    loop {
        let past = Past(site.journal.entries()?);
        let ids = ids(object, site)?;
        if let Some(before) = past.there(&object.key) {
            return match ids.contains(&before.about) {
                true => Ok(Outcome::There),
                false => Err(gone(object)),
            };
        }
        if let Some(outcome) = settle_lost(plan, object, wanted, &ids, &past, site)? {
            return Ok(outcome);
        }
        if shows_itself(object, &past, site)? {
            continue;
        }
        site.journal.ready()?;
        let intent = entry(
            plan,
            object,
            site.clock,
            Event::Creates,
            wanted.user.clone(),
        );
        site.journal.add(&intent)?;
        let failure = match site.hands.create(&object.what) {
            Ok(Created::Key { id, secret }) => {
                let result = entry(plan, object, site.clock, Event::Made, id.clone());
                site.journal.keep(&result, secret)?;
                use_it(object, wanted, id, site)?;
                return Ok(Outcome::Made);
            }
            Ok(Created::There | Created::Requested(_)) => no_key(wanted),
            Err(failure) => failure,
        };
        if failure.class != Class::Unknown {
            let words = failure.to_string();
            let result = entry(plan, object, site.clock, Event::Failed, words);
            site.journal.add(&result)?;
        }
        if !repeats.wait(failure.class, site.clock) {
            return Err(failed(&object.key, failure));
        }
    }
}

fn ids<H, J, C>(object: &Object, site: &mut Site<'_, H, J, C>) -> Result<Vec<String>, Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    match observe(object, site)? {
        Some(What::AccessKey(there)) => Ok(there.ids),
        _ => Ok(Vec::new()),
    }
}

fn gone(object: &Object) -> Stop {
    Stop::Moved(vec![Foreign {
        object: object.key.clone(),
        reason: "was made by this bootstrap and is gone: it may have been rotated. For a new key, \
                 destroy this bootstrap or rotate the credential",
        differences: Vec::new(),
    }])
}

/// Deals with keys that the journal does not know: takes the one whose secret is kept, deletes those
/// that lost answers have left, and stops at any other.
fn settle_lost<H, J, C>(
    plan: &Plan,
    object: &Object,
    wanted: &AccessKey,
    ids: &[String],
    past: &Past,
    site: &mut Site<'_, H, J, C>,
) -> Result<Option<Outcome>, Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let known = past.known_keys(&object.key);
    let unknown = ids.iter().filter(|it| !known.contains(&it.as_str()));
    let unknown: Vec<String> = unknown.cloned().collect();
    let is_open = !past.open(&object.key).is_empty();
    if let ([id], true) = (unknown.as_slice(), is_open)
        && site.journal.holds(id)?
    {
        let result = entry(plan, object, site.clock, Event::Made, id.clone());
        site.journal.add(&result)?;
        return Ok(Some(Outcome::Adopted));
    }
    if !are_lost(plan, object, wanted, &unknown, past, site)? {
        return Err(Stop::UnknownKeys {
            user: wanted.user.clone(),
            ids: unknown,
        });
    }
    for id in unknown {
        delete(plan, object, wanted, &id, site)?;
    }
    Ok(None)
}

/// Returns whether each of these keys, of which the journal knows none, was made by a call of ours
/// whose answer was lost.
pub(super) fn are_lost<H, J, C>(
    plan: &Plan,
    object: &Object,
    wanted: &AccessKey,
    unknown: &[String],
    past: &Past,
    site: &mut Site<'_, H, J, C>,
) -> Result<bool, Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let open = past.open(&object.key);
    if unknown.is_empty() {
        return Ok(true);
    }
    let since = open.iter().map(|it| it.at).min();
    let Some(since) = since.filter(|_| unknown.len() <= open.len()) else {
        return Ok(false);
    };
    let mut objects = plan.objects.iter();
    let user = objects.find(|it| matches!(&it.what, What::User(user) if user.arn == wanted.user));
    let Some(user) = user else {
        return Ok(false);
    };
    let there = look(user, past, site)?;
    if !there.is_some_and(|it| is_ours(&it, &plan.installation)) {
        return Ok(false);
    }
    for id in unknown {
        let facts = site.hands.key(&wanted.user, id);
        let facts = facts.map_err(|failure| failed(&object.key, failure))?;
        if facts.used || facts.created < since {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Deletes one key.
pub(super) fn delete<H, J, C>(
    plan: &Plan,
    object: &Object,
    wanted: &AccessKey,
    id: &str,
    site: &mut Site<'_, H, J, C>,
) -> Result<(), Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let intent = entry(plan, object, site.clock, Event::Deletes, id.to_owned());
    site.journal.add(&intent)?;
    let key = What::AccessKey(AccessKey {
        user: wanted.user.clone(),
        ids: vec![id.to_owned()],
    });
    let deleted = repeated(site, |hands| hands.delete(&key));
    deleted.map_err(|failure| failed(&object.key, failure))?;
    let result = entry(plan, object, site.clock, Event::Deleted, id.to_owned());
    Ok(site.journal.add(&result)?)
}

/// An answer without a key is as good as a lost one.
fn no_key(wanted: &AccessKey) -> Failure {
    Failure {
        class: Class::Unknown,
        call: Box::new(Unread {
            operation: "iam:CreateAccessKey".to_owned(),
            resource: wanted.user.clone(),
            message: "the answer holds no key".to_owned(),
            ..Unread::default()
        }),
    }
}

/// Waits until a key that a lost answer may have left would have shown itself, and returns whether
/// one has.
fn shows_itself<H, J, C>(
    object: &Object,
    past: &Past,
    site: &mut Site<'_, H, J, C>,
) -> Result<bool, Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let Some(last) = past.open(&object.key).iter().map(|it| it.at).max() else {
        return Ok(false);
    };
    let patience = i64::try_from(site.limits.patience.as_secs()).unwrap_or(i64::MAX);
    let known = past.known_keys(&object.key);
    let mut pauses = Pauses::new(site.limits.patience, site.limits.pause);
    // A clock that was put back must not make this wait for hours.
    while site.clock.now() < last.saturating_add(patience) && pauses.wait(site.clock) {
        let ids = ids(object, site)?;
        if ids.iter().any(|it| !known.contains(&it.as_str())) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Waits until AWS knows the new key.
fn use_it<H, J, C>(
    object: &Object,
    wanted: &AccessKey,
    id: String,
    site: &mut Site<'_, H, J, C>,
) -> Result<(), Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let key = What::AccessKey(AccessKey {
        user: wanted.user.clone(),
        ids: vec![id],
    });
    let used = repeated(site, |hands| hands.settle(&key));
    used.map_err(|failure| failed(&object.key, failure))
}
