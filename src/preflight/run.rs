//! Climbs down the ladder of evidence: what the texts prove, then what AWS says.

use std::collections::BTreeMap;

use super::identity::{Holder, Identity};
use super::opinion::{self, Opinion, Own};
use super::probe::Names;
use super::probed::Probing;
use super::quota::{self, Quota};
use super::rung::{Rung, Settled};
use super::trust::{self, Trust, TrustOrder};
use super::{Account, probed, simulated};
use crate::account::{Snapshot, Unread};
use crate::catalog::Catalog;
use crate::check::{self, Beside, Input, Verdict};
use crate::evaluate::Principal;
use crate::finding::Finding;
use crate::isolation;
use crate::profile::{Call, Profile, SettingError, Settings, Strength};
use crate::replay::{Replay, is_of_organization, replay};
use crate::source::Sources;

/// What is asked of a credential.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// What the vendor needs.
    pub profile: &'a Profile,
    /// The customer's choices; account and partition are those of the credential.
    pub settings: &'a Settings,
    /// The catalog.
    pub catalog: &'a Catalog,
    /// What an administrator of the organization read of it, where the credential may not.
    pub organization: Option<&'a Snapshot>,
    /// Whether somebody vouches for it that no policy of an organization binds the account.
    pub no_organization: bool,
    /// Which probes are sent.
    pub probing: Probing,
    /// Whether AWS's own opinion of the policies is asked for.
    pub opinion: bool,
    /// 128 random bits as 32 hexadecimal digits, for names that cannot exist.
    pub random: &'a str,
    /// The role whose door is tried.
    pub trust: Option<&'a TrustOrder>,
}

/// Whom a preflight asks.
pub struct Parties<'p> {
    /// The account, as the credential sees it.
    pub account: &'p mut dyn Account,
    /// The same account, as somebody sees it who may read policies.
    pub reader: Option<&'p mut dyn Account>,
    /// Whoever assumes the role of [`Order::trust`].
    pub assumer: Option<&'p mut dyn Account>,
}

/// Why there is no answer at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// AWS does not know the credential, or nobody answered.
    NoCaller(Box<Unread>),
    /// The credential is that of the root user of this account.
    Root(String),
    /// The credential belongs to the first account or partition, and the second was asked for.
    Elsewhere {
        /// `account` or `partition`.
        what: &'static str,
        /// Whose the credential is.
        is: String,
        /// What was asked for.
        asked: String,
    },
    /// The settings do not fit the profile.
    Settings(Vec<SettingError>),
    /// The organization's policies were read for another account than the credential's.
    OrganizationOfAnother {
        /// Whose the credential is.
        is: String,
        /// For which account they were read.
        theirs: String,
    },
}

/// A region that the vendor needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its name.
    pub name: String,
    /// Whether it is enabled for the account; none: not known.
    pub enabled: Option<bool>,
}

/// On what the verdict of a requirement rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The strongest evidence.
    pub rung: Rung,
    /// What AWS said, where the texts did not settle it.
    pub words: Option<String>,
}

/// What a preflight found.
#[derive(Debug)]
pub struct Report {
    /// Whose credential it is.
    pub identity: Identity,
    /// The settings, with the account and the partition of the credential.
    pub settings: Settings,
    /// What was read of the account.
    pub snapshot: Snapshot,
    /// The texts of its policies.
    pub sources: Sources,
    /// What is wrong with them.
    pub findings: Vec<Finding>,
    /// The verdicts.
    pub check: check::Report,
    /// On what each verdict rests, in the order of the requirements.
    pub rows: Vec<Row>,
    /// Ways beyond the access; none where the texts could not be read.
    pub isolation: Option<isolation::Report>,
    /// How the door behaves, where it was tried.
    pub trust: Option<Trust>,
    /// The regions that the vendor needs.
    pub regions: Vec<Region>,
    /// Quotas that the vendor's calls run into, as far as they could be read.
    pub quotas: Vec<Quota>,
    /// AWS's own opinion of the policies, where it was asked for.
    pub opinions: Vec<Opinion>,
    /// How many requirements probes could settle that were not to be sent.
    pub unsent: usize,
    /// What could not be asked, beside what the snapshot lacks.
    pub unasked: Vec<Unread>,
    /// Every policy of the principal was read.
    pub complete: bool,
    /// Every policy of the organization was read.
    pub limits_read: bool,
}

/// Runs a preflight.
///
/// # Errors
///
/// See [`Failure`]. What cannot be decided is no error: it is in the report.
pub fn run(order: &Order<'_>, parties: &mut Parties<'_>) -> Result<Report, Failure> {
    let caller = parties.account.caller().map_err(Failure::NoCaller)?;
    let identity = Identity::of(caller);
    if identity.kind == Holder::Root {
        return Err(Failure::Root(identity.caller.account));
    }
    if let Some(given) = order.organization
        && given.account != identity.caller.account
    {
        return Err(Failure::OrganizationOfAnother {
            is: identity.caller.account,
            theirs: given.account.clone(),
        });
    }
    let settings = settings(order, &identity)?;
    let mut unasked = Vec::new();
    let snapshot = snapshot(order, &identity, parties, &mut unasked);
    let principal = snapshot.principal(&identity.caller.arn).cloned();
    let complete = principal.as_ref().is_some_and(|it| it.complete);
    let mut sources = Sources::default();
    let held = principal.map(|it| replay(&snapshot, &it, &mut sources));
    let held = held.unwrap_or_default();
    let complete = complete && held.unread.is_empty();
    let own = Principal::parse(&identity.caller.arn);
    let input = Input {
        profile: order.profile,
        settings: &settings,
        policies: &held.policies,
        trust: held.trust.as_ref(),
        resource_policies: &held.resource_policies,
        principal: own.as_ref(),
        catalog: order.catalog,
        unread: !complete,
    };
    let mut check = check::run(&input).map_err(Failure::Settings)?;
    if identity.kind == Holder::Session && order.trust.is_none() {
        // Whoever asked for the session may have narrowed it, and no call tells (IAM User Guide,
        // "Session policies").
        let unseen = "the session carries no session policy: nobody can read one";
        check.assumptions.push(unseen.into());
    }
    if order.no_organization {
        let vouched = "no policy of an organization binds the account, as whoever ran this says";
        check.assumptions.push(vouched.into());
    }
    let limits_read = !held.limits_unread && snapshot.tells_of_organization();
    if !limits_read {
        check.doubt_what_limits();
    }
    let isolation = match complete {
        true => isolation(&input, &held)?,
        false => None,
    };
    let mut calls = order.profile.calls(&settings).map_err(Failure::Settings)?;
    calls.retain(|call| {
        let mut judged = check.requirements.iter();
        judged.any(|it| it.call.id == call.id && it.call.actor == call.actor)
    });
    let mut rows: Vec<Row> = check.requirements.iter().map(proven).collect();
    let mut ladder = Ladder {
        check: &mut check,
        rows: &mut rows,
    };
    if let Some(own) = &own {
        let open = ladder.open(&calls);
        let arn = snapshot
            .principal(&identity.caller.arn)
            .map_or(identity.caller.arn.as_str(), |it| it.arn.as_str());
        let asked = parties.reader.as_deref_mut();
        let account = asked.unwrap_or(parties.account);
        let (answers, refused) = simulated::settle(&open, own, arn, order.catalog, account);
        unasked.extend(refused);
        ladder.take(&answers, !complete);
    }
    let open = ladder.open(&calls);
    let names = names(order, &settings)?;
    let answers = probed::settle(&open, order.probing, &names, parties.account);
    ladder.take(&answers, !complete);
    let open = ladder.open(&calls);
    let unsent = probed::unsent(&open, order.probing, &names);
    let mut opinions = Vec::new();
    if let (true, Some(own)) = (order.opinion, &own) {
        let own = Own {
            snapshot: &snapshot,
            principal: own,
            identity: &held.policies.identity,
            findings: &held.findings,
            sources: &sources,
            catalog: order.catalog,
        };
        let asked = parties.reader.as_deref_mut();
        let (found, refused) = opinion::ask(&own, asked.unwrap_or(parties.account));
        opinions = found;
        unasked.extend(refused);
    }
    let regions = regions(&calls, parties.account, &mut unasked);
    let on: Vec<&str> = regions
        .iter()
        .filter(|it| it.enabled != Some(false))
        .map(|it| it.name.as_str())
        .collect();
    let (quotas, refused) = quota::read(&calls, &on, parties.account);
    unasked.extend(refused);
    let trust = order
        .trust
        .and_then(|it| Some(trust::try_door(it, &mut **parties.assumer.as_mut()?)));
    Ok(Report {
        identity,
        settings,
        snapshot,
        sources,
        findings: held.findings,
        check,
        rows,
        isolation,
        trust,
        regions,
        quotas,
        opinions,
        unsent,
        unasked,
        complete,
        limits_read,
    })
}

/// Returns what fills the holes of probes.
fn names(order: &Order<'_>, settings: &Settings) -> Result<Names, Failure> {
    let inputs = order.profile.inputs(settings).map_err(Failure::Settings)?;
    let first = |name: &str| {
        let found = inputs.iter().find(|(variable, _)| variable.name == name);
        let first = found.and_then(|(_, values)| values.first());
        first.map(ToString::to_string).unwrap_or_default()
    };
    Ok(Names {
        prefix: first("prefix"),
        random: order.random.to_owned(),
        region: first("region"),
    })
}

/// Returns the settings for the credential's account and partition.
fn settings(order: &Order<'_>, identity: &Identity) -> Result<Settings, Failure> {
    let mut settings = order.settings.clone();
    for (name, is) in [
        ("account", &identity.caller.account),
        ("partition", &identity.partition),
    ] {
        if order.profile.variable(name).is_none() {
            continue;
        }
        match settings.variables.get(name).and_then(|it| it.first()) {
            Some(asked) if asked != is => {
                return Err(Failure::Elsewhere {
                    what: name,
                    is: is.clone(),
                    asked: asked.clone(),
                });
            }
            Some(_) => {}
            None => drop(settings.variables.insert(name.to_owned(), vec![is.clone()])),
        }
    }
    Ok(settings)
}

/// Reads the account, by whoever may.
fn snapshot(
    order: &Order<'_>,
    identity: &Identity,
    parties: &mut Parties<'_>,
    unasked: &mut Vec<Unread>,
) -> Snapshot {
    let arn = identity.caller.arn.as_str();
    let read = match parties.reader.as_deref_mut() {
        Some(reader) => reader.snapshot(arn),
        None => parties.account.snapshot(arn),
    };
    let mut snapshot = read.unwrap_or_else(|unread| {
        unasked.push(*unread);
        Snapshot {
            caller: identity.caller.clone(),
            account: identity.caller.account.clone(),
            partition: identity.partition.clone(),
            ..Snapshot::default()
        }
    });
    if order.no_organization {
        snapshot.in_no_organization = true;
        snapshot.unread.retain(|it| !is_of_organization(it));
    }
    if let Some(given) = order.organization {
        snapshot.organization.clone_from(&given.organization);
        snapshot.in_no_organization = given.in_no_organization;
        snapshot.unread.retain(|it| !is_of_organization(it));
        let theirs = given.unread.iter().filter(|it| is_of_organization(it));
        snapshot.unread.extend(theirs.cloned());
    }
    snapshot
}

fn isolation(input: &Input<'_>, held: &Replay) -> Result<Option<isolation::Report>, Failure> {
    let beside = Beside {
        workload_boundaries: &[],
        arns: &held.arns,
    };
    check::isolation(input, beside, false).map_err(Failure::Settings)
}

fn proven(judged: &check::Judged) -> Row {
    Row {
        rung: match judged.verdict {
            Verdict::Unknown => Rung::Unknown,
            _ => Rung::Proven,
        },
        words: None,
    }
}

/// Verdicts that weaker evidence may settle.
struct Ladder<'r> {
    check: &'r mut check::Report,
    rows: &'r mut Vec<Row>,
}

impl Ladder<'_> {
    /// Returns the calls of what is not settled.
    fn open<'c>(&self, calls: &'c [Call]) -> Vec<&'c Call> {
        let is_open = |call: &&Call| {
            let requirements = self.check.requirements.iter();
            let mut open = requirements.filter(|it| it.verdict == Verdict::Unknown);
            open.any(|it| it.call.id == call.id && it.call.actor == call.actor)
        };
        calls.iter().filter(is_open).collect()
    }

    /// Takes answers over; a reason from texts that were not all read says less than AWS does.
    fn take(&mut self, answers: &BTreeMap<String, Settled>, texts_are_open: bool) {
        let all = self.check.requirements.iter_mut().zip(self.rows.iter_mut());
        for (judged, row) in all {
            let Some(settled) = answers.get(&judged.call.id) else {
                continue;
            };
            if judged.verdict != Verdict::Unknown {
                continue;
            }
            row.words = Some(match &row.words {
                // A weaker rung that settles nothing either adds to what a stronger one said.
                Some(before) if settled.verdict == Verdict::Unknown => {
                    format!("{before}; {}", settled.words)
                }
                _ => settled.words.clone(),
            });
            if settled.verdict != Verdict::Unknown {
                judged.verdict = settled.verdict;
                row.rung = settled.rung;
                judged.reason = None;
            } else if texts_are_open {
                judged.reason = None;
            }
        }
    }
}

/// Services with one endpoint, or with few that are nobody's choice: that the vendor's region is
/// enabled says nothing of theirs (AWS General Reference, "Service endpoints and quotas").
const WITHOUT_REGION: [&str; 7] = [
    "cloudfront",
    "globalaccelerator",
    "iam",
    "organizations",
    "pricing",
    "route53",
    "sts",
];

/// Regions that nobody can switch off (AWS Account Management Reference Guide, "Enable or disable AWS
/// Regions in your account": Regions that are enabled by default, read 2026-11-22).
const ALWAYS_ENABLED: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Returns the regions of the calls, with whether the account has them enabled (AWS Account
/// Management Reference Guide, "Enable or disable AWS Regions in your account").
fn regions(calls: &[Call], account: &mut dyn Account, unasked: &mut Vec<Unread>) -> Vec<Region> {
    let mut names: Vec<String> = Vec::new();
    let is_regional = |call: &&Call| {
        let service = call.action.split(':').next().unwrap_or_default();
        !WITHOUT_REGION.contains(&service)
    };
    for call in calls.iter().filter(is_regional) {
        let of_call = call.context.iter();
        let of_call = of_call.filter(|(key, _)| key.eq_ignore_ascii_case("aws:RequestedRegion"));
        for region in of_call.flat_map(|(_, value)| value.values()) {
            if !names.contains(&region) {
                names.push(region);
            }
        }
    }
    if names.is_empty() {
        return Vec::new();
    }
    let enabled = account.regions().map_err(|unread| unasked.push(*unread));
    let enabled = enabled.ok();
    let region = |name: String| Region {
        enabled: match &enabled {
            Some(all) => Some(all.contains(&name)),
            None => ALWAYS_ENABLED.contains(&name.as_str()).then_some(true),
        },
        name,
    };
    names.into_iter().map(region).collect()
}

impl Report {
    /// Whether every required requirement is met for certain, the door opens to the right external
    /// ID only, and every region is enabled. Only then is the credential worth to be kept as ready.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.fails()
            && !self.check.is_incomplete()
            && self.regions.iter().all(|it| it.enabled == Some(true))
            && self
                .trust
                .as_ref()
                .is_none_or(|it| it.holds() == Some(true))
    }

    /// Whether a required requirement certainly is not met, or the door or a region is not as it
    /// must be.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.check.fails()
            || self
                .trust
                .as_ref()
                .is_some_and(|it| it.holds() == Some(false))
            || self.regions.iter().any(|it| it.enabled == Some(false))
            || self.quotas.iter().any(|it| it.limit < 1.0)
    }

    /// Returns what the search for ways out came to.
    #[must_use]
    pub fn isolation_word(&self) -> &'static str {
        match self.isolation.as_ref().map(|it| it.verdict) {
            Some(isolation::Verdict::Isolated) if self.complete => "isolated",
            Some(isolation::Verdict::Escapes) => "escapes",
            _ => "unknown",
        }
    }

    /// Returns why the credential is not ready, one line each; empty if it is.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        let required = self.check.requirements.iter();
        let required = required.filter(|it| it.call.strength == Strength::Required);
        for judged in required.clone().filter(|it| it.blocks()) {
            reasons.push(format!(
                "{} ({})",
                check::headline(judged),
                judged.call.phase
            ));
        }
        let open = required.filter(|it| it.verdict == Verdict::Unknown).count();
        if open > 0 {
            reasons.push(format!("{open} required requirements could not be decided"));
        }
        match self.trust.as_ref().map(Trust::holds) {
            Some(Some(false)) => reasons.push("the role does not open as it must".into()),
            Some(None) => reasons.push("whether the role opens as it must is not known".into()),
            Some(Some(true)) | None => {}
        }
        for region in self.regions.iter().filter(|it| it.enabled == Some(false)) {
            reasons.push(format!("the region {} is not enabled", region.name));
        }
        for region in self.regions.iter().filter(|it| it.enabled.is_none()) {
            let name = &region.name;
            reasons.push(format!("whether the region {name} is enabled is not known"));
        }
        for quota in self.quotas.iter().filter(|it| it.limit < 1.0) {
            let (title, region) = (quota.title, &quota.region);
            reasons.push(format!("the quota of {title} in {region} is 0"));
        }
        reasons
    }

    /// Returns how many requirements rest on each rung.
    pub fn rungs(&self) -> impl Iterator<Item = (Rung, usize)> {
        Rung::ALL.into_iter().map(|rung| {
            let rows = self.rows.iter().filter(|it| it.rung == rung);
            (rung, rows.count())
        })
    }
}
