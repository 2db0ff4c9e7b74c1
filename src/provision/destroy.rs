//! Removes what a bootstrap made, and says what it left and why.
//!
//! What is removed is what the journal says was made here, and what carries this bootstrap's tag and
//! is exactly what the plan makes. The tag is looked at before each deletion: a name alone proves
//! nothing. One thing that cannot be removed does not keep the rest.

use std::collections::BTreeSet;

use crate::plan::{AccessKey, Account, Object, Plan, What, differences};

use super::access_key::{are_lost, delete as delete_key};
use super::apply::{check_caller, entry, identity, is_ours, observe};
use super::journal::{Event, Journal, Past};
use super::make::repeated;
use super::stop::Stop;
use super::{Class, Clock, Failure, Hands, Site, new_account};

/// What a removal has led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destroyed {
    /// What is gone now.
    pub removed: Vec<Removed>,
    /// What was left.
    pub left: Vec<Left>,
}

/// Something that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The object, by its name in the plan.
    pub object: String,
    /// Its ARN or id.
    pub about: String,
    /// What is to be said besides: empty, or that somebody had changed it.
    pub note: String,
}

/// Something that was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The object, by its name in the plan.
    pub object: String,
    /// Its ARN or id.
    pub about: String,
    /// Why.
    pub why: String,
    /// Whether it is ours and ought to be gone: then the removal is not at its end.
    pub is_ours: bool,
}

/// Removes what was made. `close` is the id of the plan's member account if that is to be closed as
/// well, which is final.
///
/// # Errors
///
/// Nothing can be removed at all: another account's credential, one that is not taken, a journal
/// that cannot be written.
pub fn destroy<H, J, C>(
    plan: &Plan,
    site: &mut Site<'_, H, J, C>,
    close: Option<&str>,
    told: &mut dyn FnMut(&Removed),
) -> Result<Destroyed, Stop>
where
    H: Hands,
    J: Journal<Secret = H::Secret>,
    C: Clock,
{
    check_caller(plan, site)?;
    let past = Past(site.journal.entries()?);
    let mut plan = plan.clone();
    let accounts = plan
        .objects
        .iter()
        .find(|it| matches!(it.what, What::Account(_)));
    let member = match accounts.cloned() {
        Some(object) => match entered(&object, &past, site)? {
            Some(account) => {
                plan = plan.in_account(account.id.as_deref().unwrap_or_default());
                Some((object, account))
            }
            // Where there is no account, there is nothing in it.
            None => return Ok(without_account(&object, &past)),
        },
        None => None,
    };
    let mut removal = Removal {
        plan: &plan,
        past: &past,
        result: Destroyed::default(),
        told,
    };
    for object in in_order(&plan) {
        removal.object(object, site)?;
    }
    if let Some((object, account)) = &member {
        removal.account(object, account, close, site)?;
    }
    let mut result = removal.result;
    result.left.extend(forgotten(&plan, &past));
    Ok(result)
}

/// Keys first, then attachments, users and roles, policies; boundaries last, because AWS deletes no
/// policy that is in use (IAM API Reference, "DeletePolicy"). Within a kind, the last made is first.
fn in_order(plan: &Plan) -> Vec<&Object> {
    let boundaries = plan.objects.iter().filter_map(|it| match &it.what {
        What::User(user) => user.boundary.as_deref(),
        What::Role(role) => role.boundary.as_deref(),
        _ => None,
    });
    let boundaries: BTreeSet<&str> = boundaries.collect();
    let rank = |object: &&Object| match &object.what {
        What::AccessKey(_) => 0,
        What::Attachment(_) => 1,
        What::User(_) | What::Role(_) => 2,
        What::Policy(it) if !boundaries.contains(it.arn.as_str()) => 3,
        What::Policy(_) => 4,
        What::Account(_) => 5,
    };
    let mut objects: Vec<&Object> = plan.objects.iter().rev().collect();
    objects.sort_by_key(rank);
    objects.retain(|it| !matches!(it.what, What::Account(_)));
    objects
}

/// Returns the plan's member account after it was entered; none if it was never made.
fn entered<H, J, C>(
    object: &Object,
    past: &Past,
    site: &mut Site<'_, H, J, C>,
) -> Result<Option<Account>, Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let (What::Account(wanted), Some(there)) = (&object.what, past.there(&object.key)) else {
        return Ok(None);
    };
    let account = Account {
        id: Some(there.about.clone()),
        ..wanted.clone()
    };
    new_account::enter(object, &account, site)?;
    Ok(Some(account))
}

/// An account that was asked for and is not known may come yet.
fn without_account(object: &Object, past: &Past) -> Destroyed {
    let is_open = !past.open(&object.key).is_empty();
    let left = is_open.then(|| Left {
        object: object.key.clone(),
        about: identity(&object.what),
        why: "AWS was asked for this account and may be creating it: apply the plan again to find \
              it"
        .to_owned(),
        is_ours: true,
    });
    Destroyed {
        left: left.into_iter().collect(),
        ..Destroyed::default()
    }
}

/// What the journal says was made and this plan does not name.
fn forgotten(plan: &Plan, past: &Past) -> Vec<Left> {
    let objects = past.0.iter().map(|it| it.object.as_str());
    let objects: BTreeSet<&str> = objects.collect();
    let unknown = objects
        .into_iter()
        .filter(|key| !plan.objects.iter().any(|it| it.key == *key));
    let left = unknown.filter_map(|key| {
        Some(Left {
            object: key.to_owned(),
            about: past.there(key)?.about.clone(),
            why: "was made by an earlier plan: repeat this with that plan".to_owned(),
            is_ours: true,
        })
    });
    left.collect()
}

struct Removal<'a> {
    plan: &'a Plan,
    past: &'a Past,
    result: Destroyed,
    told: &'a mut dyn FnMut(&Removed),
}

impl Removal<'_> {
    fn object<H, J, C>(&mut self, object: &Object, site: &mut Site<'_, H, J, C>) -> Result<(), Stop>
    where
        H: Hands,
        J: Journal<Secret = H::Secret>,
        C: Clock,
    {
        let there = match observe(object, site) {
            Ok(there) => there,
            Err(Stop::Unread { call, .. }) => {
                self.leave(object, super::words(&call), true);
                return Ok(());
            }
            Err(stop) => return Err(stop),
        };
        let Some(there) = there else {
            return self.absent(object, site);
        };
        match &there {
            What::AccessKey(there) => self.keys(object, there, site),
            What::Attachment(_) => {
                let is_made = self.past.there(&object.key).is_some()
                    || !self.past.open(&object.key).is_empty();
                match is_made {
                    true => self.delete(object, String::new(), site),
                    false => {
                        let why = "was not attached by this bootstrap";
                        self.leave(object, why.to_owned(), false);
                        Ok(())
                    }
                }
            }
            _ => self.named(object, &there, site),
        }
    }

    /// What is not there is gone, whoever removed it.
    fn absent<H, J, C>(&mut self, object: &Object, site: &mut Site<'_, H, J, C>) -> Result<(), Stop>
    where
        H: Hands,
        J: Journal,
        C: Clock,
    {
        let before = self.past.there(&object.key);
        if before.is_none() && self.past.open(&object.key).is_empty() {
            return Ok(());
        }
        let about = before.map_or_else(|| identity(&object.what), |it| it.about.clone());
        let result = entry(self.plan, object, site.clock, Event::Deleted, about.clone());
        site.journal.add(&result)?;
        self.removed(object, about, "was gone already".to_owned());
        Ok(())
    }

    fn keys<H, J, C>(
        &mut self,
        object: &Object,
        there: &AccessKey,
        site: &mut Site<'_, H, J, C>,
    ) -> Result<(), Stop>
    where
        H: Hands,
        J: Journal,
        C: Clock,
    {
        let known = self.past.known_keys(&object.key);
        let (ours, foreign): (Vec<String>, Vec<String>) = there
            .ids
            .iter()
            .cloned()
            .partition(|it| known.contains(&it.as_str()));
        let lost = are_lost(self.plan, object, there, &foreign, self.past, site);
        let (lost, foreign) = match lost {
            Ok(true) => (foreign, Vec::new()),
            _ => (Vec::new(), foreign),
        };
        for id in ours.into_iter().chain(lost) {
            match delete_key(self.plan, object, there, &id, site) {
                Ok(()) => self.removed(object, id, String::new()),
                Err(Stop::Failed { failure, .. }) if failure.class != Class::Credential => {
                    self.left(object, id, failure.to_string(), true);
                }
                Err(stop) => return Err(stop),
            }
        }
        for id in foreign {
            let why = "is an access key that this bootstrap did not make".to_owned();
            self.left(object, id, why, false);
        }
        Ok(())
    }

    fn named<H, J, C>(
        &mut self,
        object: &Object,
        there: &What,
        site: &mut Site<'_, H, J, C>,
    ) -> Result<(), Stop>
    where
        H: Hands,
        J: Journal,
        C: Clock,
    {
        let is_made = self.past.made(&object.key) || !self.past.open(&object.key).is_empty();
        let differences = differences(&object.what, there);
        let changed: Vec<&str> = differences.iter().map(|it| it.of.as_str()).collect();
        let changed = changed.join(", ");
        match (is_ours(there, &self.plan.installation), is_made) {
            (true, true) => {}
            (true, false) if differences.is_empty() => {}
            (true, false) => {
                let why = format!("carries our tag, but was not made here and differs: {changed}");
                self.leave(object, why, false);
                return Ok(());
            }
            (false, true) => {
                let why = "does not carry our tag any more: somebody made it anew or changed it";
                self.leave(object, why.to_owned(), true);
                return Ok(());
            }
            (false, false) => {
                self.leave(object, "was not made by this bootstrap".to_owned(), false);
                return Ok(());
            }
        }
        match site.hands.held_by(&object.what) {
            Ok(held) if held.is_empty() => {}
            Ok(held) => {
                let why = format!("is still in use: {}", held.join("; "));
                self.leave(object, why, true);
                return Ok(());
            }
            Err(failure) => return self.not_deleted(object, failure),
        }
        let note = match changed.is_empty() {
            true => String::new(),
            false => format!("somebody had changed it: {changed}"),
        };
        self.delete(object, note, site)
    }

    fn delete<H, J, C>(
        &mut self,
        object: &Object,
        note: String,
        site: &mut Site<'_, H, J, C>,
    ) -> Result<(), Stop>
    where
        H: Hands,
        J: Journal,
        C: Clock,
    {
        let about = identity(&object.what);
        let intent = entry(self.plan, object, site.clock, Event::Deletes, about.clone());
        site.journal.add(&intent)?;
        if let Err(failure) = repeated(site, |hands| hands.delete(&object.what)) {
            return self.not_deleted(object, failure);
        }
        let result = entry(self.plan, object, site.clock, Event::Deleted, about.clone());
        site.journal.add(&result)?;
        self.removed(object, about, note);
        Ok(())
    }

    /// What cannot be deleted is left; a credential that is not taken would leave everything.
    fn not_deleted(&mut self, object: &Object, failure: Failure) -> Result<(), Stop> {
        if failure.class == Class::Credential {
            let object = object.key.clone();
            return Err(Stop::Failed { object, failure });
        }
        self.leave(object, failure.to_string(), true);
        Ok(())
    }

    fn account<H, J, C>(
        &mut self,
        object: &Object,
        account: &Account,
        close: Option<&str>,
        site: &mut Site<'_, H, J, C>,
    ) -> Result<(), Stop>
    where
        H: Hands,
        J: Journal,
        C: Clock,
    {
        let id = account.id.clone().unwrap_or_default();
        if close != Some(id.as_str()) || !self.past.made(&object.key) {
            let role = &account.role;
            let why = format!(
                "accounts stay: closing one is final, and only `--close-account {id}` does it. Whoever \
                 manages the organization enters it as the administrator `{role}`"
            );
            self.left(object, id, why, false);
            return Ok(());
        }
        let intent = entry(self.plan, object, site.clock, Event::Deletes, id.clone());
        site.journal.add(&intent)?;
        // Closing is rate-limited, and is not repeated by itself.
        match site.hands.close(&id) {
            Ok(()) => {
                let result = entry(self.plan, object, site.clock, Event::Deleted, id.clone());
                site.journal.add(&result)?;
                let note = "AWS suspends it now, and deletes it after 90 days".to_owned();
                self.removed(object, id, note);
            }
            Err(failure) => self.left(object, id, failure.to_string(), true),
        }
        Ok(())
    }

    fn removed(&mut self, object: &Object, about: String, note: String) {
        let removed = Removed {
            object: object.key.clone(),
            about,
            note,
        };
        (self.told)(&removed);
        self.result.removed.push(removed);
    }

    fn leave(&mut self, object: &Object, why: String, is_ours: bool) {
        self.left(object, identity(&object.what), why, is_ours);
    }

    fn left(&mut self, object: &Object, about: String, why: String, is_ours: bool) {
        self.result.left.push(Left {
            object: object.key.clone(),
            about,
            why,
            is_ours,
        });
    }
}
