//! Applies a plan: looks at everything first, then makes what is missing, object by object.

use crate::arn::Arn;
use crate::plan::{Found, OWNERSHIP_TAG, Object, Plan, What, differences};

use super::journal::{Entry, Event, Journal, Past};
use super::stop::{Foreign, Stop};
use super::{Clock, Failure, Hands, Pauses, Site, access_key, make, new_account};

/// What an apply has led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Every object by its name in the plan.
    pub objects: Vec<(String, Outcome)>,
    /// The plan's member account, where it makes one.
    pub account: Option<String>,
}

/// What became of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This bootstrap had made or adopted it before.
    There,
    /// It was there and is exactly what is wanted.
    Adopted,
    /// It was made.
    Made,
}

/// Makes what a plan says and is not there yet. Whatever ends it, it can be repeated: it then goes on
/// where it ended.
///
/// # Errors
///
/// Why it does not go on; what was made until then stays, and is in the journal.
pub fn apply<H, J, C>(
    plan: &Plan,
    site: &mut Site<'_, H, J, C>,
    told: &mut dyn FnMut(&str, Outcome),
) -> Result<Applied, Stop>
where
    H: Hands,
    J: Journal<Secret = H::Secret>,
    C: Clock,
{
    refuse_by_gate(plan)?;
    check_caller(plan, site)?;
    let mut applied = Applied::default();
    let mut plan = plan.clone();
    let accounts: Vec<Object> = plan.objects.iter().filter(is_account).cloned().collect();
    for object in &accounts {
        let (outcome, account) = new_account::make(&plan, object, site)?;
        told(&object.key, outcome);
        applied.objects.push((object.key.clone(), outcome));
        if let Some(id) = &account.id {
            plan = plan.in_account(id);
        }
        applied.account = account.id;
    }
    let past = Past(site.journal.entries()?);
    survey(&plan, &past, site)?;
    for object in plan.objects.iter().filter(|it| !is_account(it)) {
        let outcome = match &object.what {
            What::AccessKey(key) => access_key::make(&plan, object, key, site)?,
            _ => one(&plan, object, site)?,
        };
        told(&object.key, outcome);
        applied.objects.push((object.key.clone(), outcome));
    }
    Ok(applied)
}

pub(super) fn is_account(object: &&Object) -> bool {
    matches!(object.what, What::Account(_))
}

/// Refuses a plan whose after-state is not good enough, whatever anybody has accepted but that.
fn refuse_by_gate(plan: &Plan) -> Result<(), Stop> {
    let gate = &plan.gate;
    if gate.passes() {
        return Ok(());
    }
    let open = gate.weaknesses.iter().chain(&gate.unknown);
    let open = open.filter(|(class, _)| !gate.is_accepted(class));
    let open = open.map(|(class, words)| format!("{class}: {words}"));
    Err(Stop::Gate(gate.unmet.iter().cloned().chain(open).collect()))
}

/// Refuses a credential of another account or partition: nothing is touched there.
pub(super) fn check_caller<H, J, C>(plan: &Plan, site: &mut Site<'_, H, J, C>) -> Result<(), Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let caller = site.hands.caller();
    let caller = caller.map_err(|failure| failed("the credential", failure))?;
    let is_member = plan.objects.iter().any(|it| is_account(&it));
    // A member account is made and entered from the account in which the plan was made.
    let wanted = match is_member {
        true => Arn::parse(&plan.by).map(|it| it.account.to_owned()),
        false => plan.account.clone(),
    };
    let partition = Arn::parse(&caller.arn).map_or("", |it| it.partition);
    if partition == plan.partition && wanted.as_ref().is_none_or(|it| *it == caller.account) {
        return Ok(());
    }
    let place = |partition: &str, account: &str| format!("account {account} of `{partition}`");
    Err(Stop::Elsewhere {
        found: place(partition, &caller.account),
        wanted: place(&plan.partition, &wanted.unwrap_or_default()),
    })
}

/// Looks at everything before anything is made, so that all that stands in the way is said at once.
fn survey<H, J, C>(plan: &Plan, past: &Past, site: &mut Site<'_, H, J, C>) -> Result<(), Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let mut foreign = Vec::new();
    for object in &plan.objects {
        if matches!(object.what, What::Account(_) | What::AccessKey(_)) {
            continue;
        }
        let there = look(object, past, site)?;
        if let Err(found) = judge(plan, object, there.as_ref(), past) {
            foreign.push(found);
        }
    }
    match foreign.is_empty() {
        true => Ok(()),
        false => Err(Stop::Moved(foreign)),
    }
}

/// What is to be done about an object, after one look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Next,
    Adopt,
    Make,
}

/// Decides about what is there, or refuses.
fn judge(
    plan: &Plan,
    object: &Object,
    there: Option<&What>,
    past: &Past,
) -> Result<Verdict, Foreign> {
    let refuse = |reason, differences| {
        Err(Foreign {
            object: object.key.clone(),
            reason,
            differences,
        })
    };
    let before = past.there(&object.key);
    let Some(there) = there else {
        return match (before, &object.found) {
            // Somebody removed what this very plan has made: whether it is to come back is theirs
            // to say, by a new plan.
            (Some(entry), _) if entry.plan == plan.made => refuse(
                "was made by this plan and is gone: make a new plan if it is to come back",
                Vec::new(),
            ),
            (None, Found::Same) => refuse(
                "was there when the plan was made and is gone: make a new plan",
                Vec::new(),
            ),
            _ => Ok(Verdict::Make),
        };
    };
    let differences = differences(&object.what, there);
    if !differences.is_empty() {
        let reason = match is_ours(there, &plan.installation) {
            true => "was changed by somebody: it is left as it is",
            false => "is there, differs, and is not ours: it is left as it is",
        };
        return refuse(reason, differences);
    }
    if before.is_some() {
        return Ok(Verdict::Next);
    }
    let may_be_adopted = is_ours(there, &plan.installation)
        || !past.open(&object.key).is_empty()
        || object.found == Found::Same
        // It hangs on what is ours already, and nothing but itself is known of it.
        || matches!(there, What::Attachment(_));
    match may_be_adopted {
        true => Ok(Verdict::Adopt),
        false => refuse(
            "appeared after the plan was made and does not carry our tag: make a new plan",
            Vec::new(),
        ),
    }
}

/// Returns whether it carries the tag of this bootstrap.
pub(super) fn is_ours(there: &What, installation: &str) -> bool {
    let tags = match there {
        What::Policy(it) => &it.tags,
        What::User(it) => &it.tags,
        What::Role(it) => &it.tags,
        What::Account(_) | What::Attachment(_) | What::AccessKey(_) => return false,
    };
    let mut tags = tags.iter();
    tags.any(|(key, value)| key == OWNERSHIP_TAG && value == installation)
}

/// Brings one object into being that has a name: whatever happened, there is never a second one.
fn one<H, J, C>(plan: &Plan, object: &Object, site: &mut Site<'_, H, J, C>) -> Result<Outcome, Stop>
where
    H: Hands,
    J: Journal<Secret = H::Secret>,
    C: Clock,
{
    let past = Past(site.journal.entries()?);
    let there = look(object, &past, site)?;
    let verdict = judge(plan, object, there.as_ref(), &past);
    match verdict.map_err(|it| Stop::Moved(vec![it]))? {
        Verdict::Next => Ok(Outcome::There),
        Verdict::Adopt => {
            // What an open call has left was made by us.
            let event = match past.open(&object.key).is_empty() {
                true => Event::Adopted,
                false => Event::Made,
            };
            site.journal.add(&entry(
                plan,
                object,
                site.clock,
                event,
                identity(&object.what),
            ))?;
            Ok(Outcome::Adopted)
        }
        Verdict::Make => make::named(plan, object, site),
    }
}

/// Returns what is there; what was made just now may need a moment to show itself.
pub(super) fn look<H, J, C>(
    object: &Object,
    past: &Past,
    site: &mut Site<'_, H, J, C>,
) -> Result<Option<What>, Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let mut pauses = Pauses::new(site.limits.patience, site.limits.pause);
    let patience = i64::try_from(site.limits.patience.as_secs()).unwrap_or(i64::MAX);
    let until = past
        .there(&object.key)
        .map(|it| it.at.saturating_add(patience));
    loop {
        let there = observe(object, site)?;
        let is_fresh = until.is_some_and(|it| site.clock.now() < it);
        if there.is_some() || !is_fresh || !pauses.wait(site.clock) {
            return Ok(there);
        }
    }
}

/// Returns what is there.
pub(super) fn observe<H, J, C>(
    object: &Object,
    site: &mut Site<'_, H, J, C>,
) -> Result<Option<What>, Stop>
where
    H: Hands,
    J: Journal,
    C: Clock,
{
    let there = site.hands.observe(&object.what);
    there.map_err(|call| Stop::Unread {
        object: object.key.clone(),
        call,
    })
}

/// Returns an entry of now.
pub(super) fn entry(
    plan: &Plan,
    object: &Object,
    clock: &impl Clock,
    event: Event,
    about: String,
) -> Entry {
    Entry {
        at: clock.now(),
        plan: plan.made.clone(),
        object: object.key.clone(),
        event,
        about,
    }
}

/// Returns what tells an object apart: its ARN, or what it joins.
pub(super) fn identity(what: &What) -> String {
    match what {
        What::Account(it) => it.email.clone(),
        What::Policy(it) => it.arn.clone(),
        What::User(it) => it.arn.clone(),
        What::Role(it) => it.arn.clone(),
        What::Attachment(it) => format!("{} on {}", it.policy, it.entity),
        What::AccessKey(it) => it.user.clone(),
    }
}

pub(super) fn failed(object: &str, failure: Failure) -> Stop {
    Stop::Failed {
        object: object.to_owned(),
        failure,
    }
}
