//! Looks at a real account: whose it is, what binds it, and what there is of a plan.

use crate::account::{self, Caller, Organization, Snapshot};
use crate::arn::Arn;
use crate::aws::{self, Connection, Operator, Where};
use crate::cli::live::{self, LiveArgs};
use crate::plan::{self, Account, Drift, Found, Ground as _, Plan, What};
use crate::provision::Hands as _;
use crate::replay::replay;
use crate::source::Sources;

use super::plan::Seen;

/// What an account is looked at with; none: nothing.
pub(super) struct Sight(Option<Live>);

struct Live {
    connection: Connection,
    place: Where,
    caller: Caller,
    now: String,
    /// The member account, as it is wanted or as it was found.
    member: Option<Account>,
}

impl Sight {
    /// Looks at no account.
    pub(super) fn nothing() -> Self {
        Self(None)
    }

    /// Connects, and looks for the member account where there is to be one.
    pub(super) fn open(args: &LiveArgs, member: Option<&Account>) -> Result<Self, String> {
        let connection = args.connect()?;
        let caller = connection.caller().map_err(|it| live::call_error(&it))?;
        let place = args.place();
        let mut member = member.cloned();
        if let Some(wanted) = &mut member {
            let mut operator = Operator::new(&connection, &place);
            match operator.observe(&What::Account(wanted.clone())) {
                Ok(Some(What::Account(found))) => wanted.id = found.id,
                Ok(_) => {}
                Err(unread) => {
                    return Err(format!(
                        "nobody can say whether there is an account `{}`: {}\nhelp: use a credential \
                         of the management account of the organization",
                        wanted.name,
                        unread.words()
                    ));
                }
            }
        }
        Ok(Self(Some(Live {
            connection,
            place,
            caller,
            now: live::now(),
            member,
        })))
    }

    /// Returns what is known before anything is generated; `asks` whether the organization's policies
    /// are to be read.
    pub(super) fn seen(&self, asks: bool) -> Result<Seen, String> {
        let Some(live) = &self.0 else {
            return Ok(Seen::default());
        };
        let partition = Arn::parse(&live.caller.arn).map(|it| it.partition.to_owned());
        let mut seen = Seen {
            account: match &live.member {
                Some(member) => member.id.clone(),
                None => Some(live.caller.account.clone()),
            },
            partition: partition.unwrap_or_else(|| "aws".to_owned()),
            by: live.caller.arn.clone(),
            made: live.now.clone(),
            ..Seen::default()
        };
        match &live.member {
            _ if !asks => {}
            Some(member) => seen.unread.push(format!(
                "the service control policies that bind the member account `{}`: name them with \
                 `--scp`",
                member.name
            )),
            None => live.limits(&mut seen),
        }
        Ok(seen)
    }

    /// Puts into a plan what there is.
    pub(super) fn look(&mut self, plan: &mut Plan) {
        let Some(live) = &self.0 else {
            return;
        };
        let mut operator = Operator::new(&live.connection, &live.place);
        if let Some(reason) = live.enter(&mut operator) {
            for object in &mut plan.objects {
                object.found = Found::Unknown(reason.clone());
            }
            return;
        }
        plan::look(plan, &mut operator);
    }

    /// Returns what has become of a plan.
    pub(super) fn drift(&self, plan: &Plan) -> Result<Drift, String> {
        let Some(live) = &self.0 else {
            return Ok(Drift::default());
        };
        let mut operator = Operator::new(&live.connection, &live.place);
        if let Some(reason) = live.enter(&mut operator) {
            return Err(reason);
        }
        let carried = live.carried(operator.inside(), plan);
        Ok(plan::drift(plan, &mut operator, carried.as_ref()))
    }

    /// Whose credential looks, and since when.
    pub(super) fn who(&self) -> (String, String, String) {
        let live = self.0.as_ref();
        let live = live.map(|it| {
            (
                it.caller.account.clone(),
                it.caller.arn.clone(),
                it.now.clone(),
            )
        });
        live.unwrap_or_default()
    }

    /// The member account's id, where there is one.
    pub(super) fn member(&self) -> Option<String> {
        self.0.as_ref()?.member.as_ref()?.id.clone()
    }
}

impl Live {
    /// Enters the member account; returns why it could not be entered.
    fn enter(&self, operator: &mut Operator<'_>) -> Option<String> {
        let member = self.member.as_ref().filter(|it| it.id.is_some())?;
        // The partition of the role that is assumed is that of the caller.
        let entered = operator.caller();
        let entered = entered.and_then(|_| operator.settle(&What::Account(member.clone())));
        entered.err().map(|it| {
            format!(
                "the member account `{}` cannot be entered: {}",
                member.name,
                it.call.words()
            )
        })
    }

    fn limits(&self, seen: &mut Seen) {
        let snapshot = self.read(&self.connection, Vec::new(), true);
        let snapshot = match snapshot {
            Ok(snapshot) => snapshot,
            Err(error) => {
                let words = format!("the service control policies of the account: {error}");
                seen.unread.push(words);
                return;
            }
        };
        let nobody = account::Principal::default();
        let limits = replay(&snapshot, &nobody, &mut Sources::default());
        let has_rcps = !limits.policies.rcps.is_empty();
        seen.scps = limits.policies.scps;
        if limits.limits_unread || !limits.unread.is_empty() {
            let unread = snapshot.unread.iter();
            let own = unread.filter(|it| it.operation.starts_with("organizations:"));
            seen.unread.extend(own.map(|it| it.words()));
        }
        if snapshot.organization.as_ref().is_some_and(has_own_rcps) && has_rcps {
            seen.unread.push(
                "what the organization's resource control policies take away: they are not judged \
                 here"
                    .to_owned(),
            );
        }
    }

    /// Reads what the users and roles of a plan carry; none where nobody can be read.
    fn carried(&self, inside: &Connection, plan: &Plan) -> Option<Snapshot> {
        let arns = plan.objects.iter().filter_map(|it| match &it.what {
            What::User(user) => Some(user.arn.clone()),
            What::Role(role) => Some(role.arn.clone()),
            _ => None,
        });
        self.read(inside, arns.collect(), false).ok()
    }

    fn read(
        &self,
        connection: &Connection,
        principals: Vec<String>,
        organization: bool,
    ) -> Result<Snapshot, String> {
        let wanted = aws::Wanted {
            // Limits bind the account, whoever looks: root and federated administrators too.
            member: organization.then(|| self.caller.account.clone()),
            principals,
            organization,
            now: self.now.clone(),
        };
        let bar = live::spinner();
        let read = aws::collect(connection, &wanted, &mut |what| {
            bar.set_message(what.to_owned())
        });
        bar.finish_and_clear();
        read.map_err(|error| live::collect_error(&error))
    }
}

/// Whether there are resource control policies besides AWS's own, which allows everything (AWS
/// Organizations User Guide, "Resource control policies (RCPs)").
fn has_own_rcps(organization: &Organization) -> bool {
    let levels = organization.rcps.iter().flatten();
    let mut policies = levels.flat_map(|it| &it.policies);
    policies.any(|it| !it.name.ends_with("RCPFullAWSAccess"))
}
