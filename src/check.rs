//! Judges what a profile needs against the access that is given: one verdict per requirement.
//!
//! [`run`] expands a profile into calls, decides each with `evaluate`, and says for each
//! requirement whether it is met, why not, what breaks, and the smallest addition that would meet
//! it. Nothing here prints or reads files.
//!
//! A requirement over a family of resources (`role/{prefix}*`) is decided for all of them: it is met
//! if every request of the family is allowed, and partly met if some are, with one that is not.

mod alike;
mod contradiction;
mod exact;
mod explain;
mod family;
mod fix;
mod isolation;
mod judge;
mod need;
mod reason;
mod request;
mod residual;
mod stack;
mod upgrade;

pub use contradiction::{Clash, Contradiction, contradictions};
pub use explain::{finding, headline};
pub use fix::{Addition, Fix};
pub use isolation::{Beside, isolation};
pub use need::{Answer, Need, Needs};
pub use reason::{Example, Near, Reason, ReasonClass};
pub use request::{Asked, readings_of};
pub use upgrade::{Unmet, mended, unmet};

use crate::catalog::Catalog;
use crate::evaluate::{Layer, Policies, Principal};
use crate::policy::Document;
use crate::profile::{Call, Feature, Profile, SettingError, Settings, Strength};

/// What is given, and what is asked.
#[derive(Debug)]
pub struct Input<'a> {
    /// What the vendor needs.
    pub profile: &'a Profile,
    /// The customer's choices; `actors` names whom to judge, none: the profile's default actor.
    pub settings: &'a Settings,
    /// The policies of the judged actor and of its account.
    pub policies: &'a Policies,
    /// The trust policy of the role that the vendor assumes.
    pub trust: Option<&'a Document>,
    /// Policies of resources, such as a key policy.
    pub resource_policies: &'a [Document],
    /// The judged actor, where it is not the profile's.
    pub principal: Option<&'a Principal>,
    /// The catalog.
    pub catalog: &'a Catalog,
    /// Whether a document was named that could not be read: it may allow or deny anything.
    pub unread: bool,
}

/// Whether a requirement is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Every request that it stands for is allowed.
    Met,
    /// Some are, some are not: by resource, by region, by value.
    PartlyMet,
    /// None is allowed.
    NotMet,
    /// A fact is missing on which it depends.
    Unknown,
}

impl Verdict {
    /// Returns the word of machine-readable output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::PartlyMet => "partly-met",
            Self::NotMet => "not-met",
            Self::Unknown => "unknown",
        }
    }
}

/// One requirement with its verdict.
#[derive(Clone, Debug)]
pub struct Judged {
    /// One call of it: the first that fails, else the first.
    pub call: Call,
    /// The patterns or ARNs of what it needs, over all its calls.
    pub resources: Vec<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// How many calls were decided, and how many of them are allowed.
    pub decided: (usize, usize),
    /// Why it is not met, or unknown.
    pub reason: Option<Reason>,
    /// What would meet it, proven by deciding again.
    pub fix: Option<Fix>,
    /// Another requirement that meets it as an alternative.
    pub met_by: Option<String>,
}

impl Judged {
    /// Returns whether a run fails over it.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.call.strength == Strength::Required
            && matches!(self.verdict, Verdict::NotMet | Verdict::PartlyMet)
    }
}

/// A feature that is off, with what switching it on would need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffFeature {
    /// Its name.
    pub name: String,
    /// Its heading.
    pub title: String,
    /// How many requirements it has, required ones and others.
    pub requirements: usize,
    /// How many of them are not met, or not for certain.
    pub unmet: usize,
}

/// Everything that a check found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// In the order of the phases.
    pub requirements: Vec<Judged>,
    /// Features that are off.
    pub off: Vec<OffFeature>,
    /// Requirements of other actors, which were not judged: the actor and how many.
    pub other_actors: Vec<(String, usize)>,
    /// Facts taken for granted on which verdicts rest.
    pub assumptions: Vec<String>,
}

impl Report {
    /// Returns how many requirements have a verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.requirements
            .iter()
            .filter(|it| it.verdict == verdict)
            .count()
    }

    /// Takes it that policies were not read which can only take away, those of an organization: what
    /// is denied stays denied, and nothing is certainly allowed.
    pub fn doubt_what_limits(&mut self) {
        let met = self.requirements.iter_mut();
        for judged in met.filter(|it| it.verdict == Verdict::Met) {
            judged.verdict = Verdict::Unknown;
            judged.met_by = None;
            judged.reason = Some(Reason {
                layer: Some(Layer::Scp),
                layers: vec![Layer::Scp],
                ..Reason::depends_on("unread-scps")
            });
        }
    }

    /// Returns whether a required requirement is not met or partly met.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.requirements.iter().any(Judged::blocks)
    }

    /// Returns whether a required requirement could not be decided.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        let required = |it: &&Judged| it.call.strength == Strength::Required;
        self.requirements
            .iter()
            .filter(required)
            .any(|it| it.verdict == Verdict::Unknown)
    }
}

/// Judges every requirement.
///
/// # Errors
///
/// Everything that is wrong with the settings.
pub fn run(input: &Input<'_>) -> Result<Report, Vec<SettingError>> {
    let settings = Settings {
        actors: Vec::new(),
        ..input.settings.clone()
    };
    let mut judge = judge::Judge::new(input)?;
    let mut report = Report::default();
    let mut on = Vec::new();
    let mut off = Vec::new();
    for call in input
        .profile
        .calls(&with_every_feature(input.profile, &settings))?
    {
        let is_on = call.features().all(|it| input.profile.is_on(it, &settings));
        match (is_on, judge.judges(&call)) {
            (true, true) => on.push(call),
            (true, false) => count_other(&mut report.other_actors, input.profile, &call),
            (false, true) => off.push(call),
            (false, false) => {}
        }
    }
    report.requirements = judge.judge_all(on);
    report.assumptions = judge.assumptions();
    report.off = off_features(input.profile, &settings, off, &mut judge);
    Ok(report)
}

fn with_every_feature(profile: &Profile, settings: &Settings) -> Settings {
    // Names that the customer gave stay, so that a misspelt one is still an error.
    let mut all = settings.clone();
    let features = profile.features.iter();
    all.features
        .extend(features.map(|feature| (feature.name.clone(), true)));
    all
}

fn count_other(others: &mut Vec<(String, usize)>, profile: &Profile, call: &Call) {
    let title = profile
        .actor(&call.actor)
        .map_or(call.actor.as_str(), |actor| &actor.title);
    let name = format!("{} ({title})", call.actor);
    match others.iter_mut().find(|(known, _)| *known == name) {
        Some((_, count)) => *count += 1,
        None => others.push((name, 1)),
    }
}

fn off_features(
    profile: &Profile,
    settings: &Settings,
    calls: Vec<Call>,
    judge: &mut judge::Judge<'_>,
) -> Vec<OffFeature> {
    let off = |feature: &&Feature| !profile.is_on(&feature.name, settings);
    let mut lines = Vec::new();
    for feature in profile.features.iter().filter(off) {
        let own = calls
            .iter()
            .filter(|it| it.features().any(|name| name == feature.name));
        let verdicts = judge.verdicts(own.cloned().collect());
        if verdicts.is_empty() {
            continue;
        }
        lines.push(OffFeature {
            name: feature.name.clone(),
            title: feature.title.clone(),
            requirements: verdicts.len(),
            unmet: verdicts.iter().filter(|it| **it != Verdict::Met).count(),
        });
    }
    lines
}

/// Returns what people call a layer.
#[must_use]
pub const fn layer_title(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "identity policy",
        Layer::Boundary => "permissions boundary",
        Layer::Session => "session policy",
        Layer::Scp => "service control policy",
        Layer::Rcp => "resource control policy",
        Layer::Resource => "resource policy",
        Layer::VpcEndpoint => "VPC endpoint policy",
        Layer::Service => "the service itself",
    }
}
