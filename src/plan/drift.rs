//! Looks at the ground: before a plan is applied, whether it is as the plan expects; afterwards,
//! what has moved.

use super::{Difference, Found, Ground, Object, Plan, What, differences};
use crate::account::{Origin, Principal, Snapshot};

/// What has become of the objects of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// For each object, in the plan's order: its key, and its state.
    pub objects: Vec<(String, State)>,
    /// What the plan's users and roles carry that the plan does not give them.
    pub beyond: Vec<String>,
    /// What could not be read besides.
    pub unread: Vec<String>,
}

/// What has become of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// As the plan says.
    Same,
    /// Nothing of this name.
    Missing,
    /// Something of this name that is not as the plan says.
    Differs(Vec<Difference>),
    /// It could not be read, for this reason.
    Unknown(String),
}

impl Drift {
    /// Whether something certainly is not as the plan says.
    #[must_use]
    pub fn has_moved(&self) -> bool {
        let moved = |it: &State| matches!(it, State::Missing | State::Differs(_));
        !self.beyond.is_empty() || self.objects.iter().any(|(_, it)| moved(it))
    }

    /// Whether something could not be told.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let open = |it: &State| matches!(it, State::Unknown(_));
        !self.unread.is_empty() || self.objects.iter().any(|(_, it)| open(it))
    }
}

/// Looks for every object of a plan, and puts into it what there is.
///
/// While the account is still to be created, it is all that is looked for.
pub fn look(plan: &mut Plan, ground: &mut dyn Ground) {
    let to_come = plan.account.is_none();
    for object in &mut plan.objects {
        if to_come && !matches!(object.what, What::Account(_)) {
            continue;
        }
        object.found = match ground.observe(&object.what) {
            Ok(None) => Found::Absent,
            Ok(Some(there)) => match differences(&object.what, &there) {
                same if same.is_empty() => Found::Same,
                differences => Found::Differs(differences),
            },
            Err(unread) => Found::Unknown(unread.words()),
        };
    }
}

/// Returns what has become of the objects of a plan that was applied. `carried` is a snapshot of its
/// users and roles; none: nobody looked at what else they carry.
pub fn drift(plan: &Plan, ground: &mut dyn Ground, carried: Option<&Snapshot>) -> Drift {
    let mut drift = Drift {
        objects: plan.objects.iter().map(|it| state(it, ground)).collect(),
        ..Drift::default()
    };
    match carried {
        Some(snapshot) => drift.carried(plan, snapshot),
        None => drift
            .unread
            .push("what else the users and roles carry: nobody looked".to_owned()),
    }
    drift
}

fn state(object: &Object, ground: &mut dyn Ground) -> (String, State) {
    let state = match (ground.observe(&object.what), &object.what) {
        (Ok(None), _) => State::Missing,
        // Which key was made is not in the plan; that there is one is what it says.
        (Ok(Some(What::AccessKey(there))), What::AccessKey(wanted))
            if wanted.ids.is_empty() && there.ids.len() == 1 =>
        {
            State::Same
        }
        (Ok(Some(there)), wanted) => match differences(wanted, &there) {
            same if same.is_empty() => State::Same,
            differences => State::Differs(differences),
        },
        (Err(unread), _) => State::Unknown(unread.words()),
    };
    (object.key.clone(), state)
}

impl Drift {
    /// Looks for policies that somebody else gave to the plan's users and roles.
    fn carried(&mut self, plan: &Plan, snapshot: &Snapshot) {
        let entities = plan.objects.iter().filter_map(|it| match &it.what {
            What::User(user) => Some(&user.arn),
            What::Role(role) => Some(&role.arn),
            _ => None,
        });
        for arn in entities {
            // One that is missing is reported as such.
            let Some(principal) = snapshot.principals.iter().find(|it| it.arn == *arn) else {
                continue;
            };
            self.beyond.extend(beyond(plan, principal));
            if !principal.complete {
                self.unread.push(format!("every policy of `{arn}`"));
            }
        }
        let unread = snapshot.unread.iter();
        // The object itself says that it is missing or could not be read.
        let own = unread.filter(|it| it.code != "NoSuchEntity");
        self.unread.extend(own.map(|it| it.words()));
    }
}

fn beyond(plan: &Plan, principal: &Principal) -> Vec<String> {
    let arn = &principal.arn;
    let is_planned = |policy: &str| {
        plan.objects.iter().any(|it| {
            matches!(&it.what, What::Attachment(it) if it.entity == *arn && it.policy == policy)
        })
    };
    let mut found = Vec::new();
    for policy in &principal.policies {
        let name = &policy.text.name;
        match &policy.origin {
            Origin::Inline => found.push(format!("`{arn}` has the inline policy `{name}`")),
            Origin::Attached if is_planned(name) => {}
            Origin::Attached => found.push(format!("`{arn}` has the policy `{name}` attached")),
            Origin::Group(group) => {
                found.push(format!("`{arn}` has `{name}` by the group `{group}`"));
            }
        }
    }
    found
}
