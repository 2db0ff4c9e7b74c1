//! `rolecall access`: is this granted always, sometimes or never?
//!
//! Asks about every pair of an action and a resource, which are patterns: of all the requests that
//! they stand for at once, in every context that was not fixed.

mod example;
pub(super) mod family;
mod json;
mod text;

use std::io::Write as _;

use clap::{Args, ValueEnum};

use super::catalog::load_catalog;
use super::policies::{self, LoadedPolicies, PolicyArgs};
use super::replay;
use super::simulate::Refusal;
use crate::analyze::{Access, Analysis, Doubt, Found, Witness};
use crate::catalog::Catalog;
use crate::evaluate::Principal;
use family::{Families, Family};

/// Say what policies grant always, sometimes or never, of actions and resources asked about.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 as it should be: nothing asked is granted, or with `--must` \
                        everything is, always; 1 not so; 2 wrong use; 3 not decided, or something \
                        was not read."
)]
pub struct AccessArgs {
    /// Identity policies of the caller.
    #[arg(value_name = "POLICY")]
    files: Vec<String>,
    /// Actions, with `*` and `?` as in policies.
    #[arg(long, value_name = "ACTION,…", value_delimiter = ',', required = true, num_args = 1..)]
    actions: Vec<String>,
    /// Resources, with `*` and `?` as in policies.
    #[arg(long, value_name = "ARN,…", value_delimiter = ',', num_args = 1.., default_value = "*")]
    resources: Vec<String>,
    /// Nothing asked about may be granted, not even sometimes (the default).
    #[arg(long, conflicts_with = "must")]
    must_not: bool,
    /// Everything asked about must be granted, always.
    #[arg(long)]
    must: bool,
    /// Who calls, as for `simulate`. Without it, nobody in particular.
    #[arg(long, value_name = "ARN")]
    principal: Option<String>,
    /// The account that owns the resources whose ARNs name none.
    #[arg(long, value_name = "ID")]
    resource_account: Option<String>,
    /// Ask about requests with these context keys only. A key with several values has some of
    /// these and no others.
    #[arg(long, value_name = "KEY=VALUE[,VALUE]", num_args = 1..)]
    context: Vec<String>,
    /// Ask about requests without these keys only.
    #[arg(long, value_name = "KEY", num_args = 1..)]
    context_absent: Vec<String>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Use the catalog in the binary even if the cache has a newer one.
    #[arg(long)]
    builtin_catalog: bool,
    /// Leave out what AWS documents about which keys and resources an action has.
    #[arg(long)]
    pure: bool,
    #[command(flatten)]
    policies: PolicyArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

/// How far a family of requests is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Always,
    Sometimes,
    Never,
    /// There is no such request.
    NoRequest,
    Unknown,
}

impl Verdict {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Sometimes => "sometimes",
            Self::Never => "never",
            Self::NoRequest => "no-request",
            Self::Unknown => "unknown",
        }
    }
}

/// What was found of one family.
struct Judged<'a> {
    family: &'a Family,
    verdict: Verdict,
    allowed: Option<Witness>,
    denied: Option<Witness>,
    doubt: Option<Doubt>,
    /// Whether the verdict would be another without the facts about AWS.
    rests_on_facts: bool,
}

/// Everything that an answer is made of.
struct Answer<'a> {
    loaded: &'a LoadedPolicies,
    catalog: &'a Catalog,
    judged: Vec<Judged<'a>>,
    assumptions: Vec<String>,
    must: bool,
    /// Whether it is as it should be; nothing where that is not known.
    passes: Option<bool>,
}

/// Runs the subcommand and returns the exit code: 0 as it should be, 1 not so, 2 wrong use, 3 not
/// decided.
pub(super) fn run(args: &AccessArgs) -> u8 {
    let (message, code) = match access(args) {
        Ok(code) => return code,
        Err(Refusal::Use(message)) => (message, 2),
        Err(Refusal::UnknownName(message)) => (message, 3),
    };
    let message = super::input::lines_visible(&message);
    let _ = writeln!(anstream::stderr(), "error: {message}");
    code
}

fn access(args: &AccessArgs) -> Result<u8, Refusal> {
    let wrong = |it: String| Refusal::Use(it);
    let catalog = load_catalog(args.builtin_catalog).map_err(|it| wrong(it.to_string()))?;
    let families = Families::read(args, &catalog)?;
    let mut layers = args.policies.clone();
    layers.identity.splice(0..0, args.files.iter().cloned());
    layers.of_principal(args.principal.as_deref());
    let mut loaded = policies::load(&layers).map_err(|it| wrong(it.to_string()))?;
    take_resource_policy(args, &mut loaded)?;
    let mut settings = families.settings.clone();
    settings.lacks_resource_policy = loaded.policies.resource.is_none();
    let access = Access {
        policies: &loaded.policies,
        principal: &families.principal,
        resource_account: args.resource_account.as_deref(),
        settings: &settings,
    };
    let analysis = Analysis {
        pure: args.pure,
        ..Analysis::new(&catalog)
    };
    let judged: Vec<Judged<'_>> = families
        .all
        .iter()
        .map(|it| judge(&analysis, it, &access))
        .collect();
    let passes = passes(&judged, args.must);
    let is_incomplete = !loaded.unread.is_empty();
    let answer = Answer {
        // What can only take away makes nothing granted, and may make it not granted.
        passes: passes
            .filter(|_| !is_incomplete)
            .filter(|it| !loaded.limits_unread() || *it != args.must),
        assumptions: families.assumptions.clone(),
        loaded: &loaded,
        catalog: &catalog,
        judged,
        must: args.must,
    };
    let shown = match args.format {
        Format::Text => text::answer(&answer),
        Format::Json => json::answer(&answer),
    };
    // A closed pipe (`| head`) is no failure of ours.
    let _ = anstream::stdout().write_all(shown.as_bytes());
    Ok(match answer.passes {
        Some(true) => 0,
        Some(false) => 1,
        None => 3,
    })
}

/// The one policy of the resource that takes part.
fn take_resource_policy(args: &AccessArgs, loaded: &mut LoadedPolicies) -> Result<(), Refusal> {
    if loaded.snapshot.is_some() {
        let asked = args.resources.iter().map(String::as_str);
        replay::keep_of(&mut loaded.resource_policies, asked);
        if loaded.trust_is_of_snapshot() {
            loaded.trust = None;
        }
    }
    let mut given = std::mem::take(&mut loaded.resource_policies);
    given.extend(loaded.trust.take());
    if given.len() > 1 {
        return Err(Refusal::Use(
            "requests are decided with one policy of the resource, and several are given\nhelp: \
             give one, as `--resource-policy` or `--trust`"
                .into(),
        ));
    }
    loaded.policies.resource = given.pop();
    if args.principal.is_none() && loaded.policies.resource.is_some() {
        return Err(Refusal::Use(
            "a policy of a resource decides by who calls\nhelp: say who, with `--principal`, or \
             ask `rolecall who`"
                .into(),
        ));
    }
    let policies = &loaded.policies;
    let has_own = !policies.identity.is_empty() || policies.resource.is_some();
    if !has_own && loaded.unread.is_empty() {
        return Err(Refusal::Use(
            "no policy that grants was given\nhelp: name the identity policies: `rolecall access \
             policy.json --actions …`"
                .into(),
        ));
    }
    Ok(())
}

fn judge<'a>(analysis: &Analysis<'_>, family: &'a Family, access: &Access<'_>) -> Judged<'a> {
    let of = std::slice::from_ref(&family.document);
    let allowed = analysis.find_allowed(of, access);
    let denied = analysis.find_denied(of, access);
    let verdict = verdict(&allowed, &denied);
    // That AWS has no such request is a fact by itself, and said as one.
    let is_settled = !matches!(verdict, Verdict::Unknown | Verdict::NoRequest);
    let rests_on_facts = !analysis.pure && is_settled && {
        let pure = Analysis {
            pure: true,
            ..*analysis
        };
        // A request that is found stays one: only what was not found rests on facts.
        let changes = |found: &Found, again: &dyn Fn() -> Found| {
            matches!(found, Found::Nothing) && !matches!(again(), Found::Nothing)
        };
        changes(&allowed, &|| pure.find_allowed(of, access))
            || changes(&denied, &|| pure.find_denied(of, access))
    };
    let doubt = match (&allowed, &denied) {
        (Found::Unknown(doubt), _) | (_, Found::Unknown(doubt)) => Some(doubt.clone()),
        _ => None,
    };
    let witness = |found: Found| match found {
        Found::Request(witness) => Some(*witness),
        _ => None,
    };
    Judged {
        family,
        verdict,
        allowed: witness(allowed),
        denied: witness(denied),
        doubt,
        rests_on_facts,
    }
}

const fn verdict(allowed: &Found, denied: &Found) -> Verdict {
    match (allowed, denied) {
        (Found::Request(_), Found::Request(_)) => Verdict::Sometimes,
        (Found::Request(_), Found::Nothing) => Verdict::Always,
        (Found::Nothing, Found::Request(_)) => Verdict::Never,
        (Found::Nothing, Found::Nothing) => Verdict::NoRequest,
        _ => Verdict::Unknown,
    }
}

/// Whether everything is as it should be.
fn passes(judged: &[Judged<'_>], must: bool) -> Option<bool> {
    let fails = |it: &Judged<'_>| it.fails(must);
    if judged.iter().any(fails) {
        return Some(false);
    }
    // An action that goes with no resource asked about was not asked about at all.
    let is_asked = |it: &Judged<'_>| {
        let same = |other: &&Judged<'_>| other.family.action == it.family.action;
        let mut own = judged.iter().filter(same);
        own.any(|it| it.verdict != Verdict::NoRequest)
    };
    let is_known = |it: &Judged<'_>| !it.is_open(must) && is_asked(it);
    judged.iter().all(is_known).then_some(true)
}

impl Judged<'_> {
    /// Whether it certainly is not as it should be.
    const fn fails(&self, must: bool) -> bool {
        if must {
            self.denied.is_some()
        } else {
            self.allowed.is_some()
        }
    }

    /// Whether it may not be as it should be.
    fn is_open(&self, must: bool) -> bool {
        self.verdict == Verdict::Unknown && !self.fails(must)
    }
}

/// Whether a caller is nobody in particular.
const fn is_nobody(principal: &Principal) -> bool {
    matches!(principal, Principal::Simulated(_))
}
