//! `rolecall simulate`: decides one call against the policies given, or a stream of cases.
//!
//! Answers on what was given and says what that is: keys that were derived or dropped, what was taken
//! for granted, what could not be read. Nothing is asked of AWS.

mod batch;
pub(super) mod json;
pub(super) mod question;
mod text;

use std::io::Write as _;

use clap::{Args, ValueEnum};

use super::deciding::Why;
use super::policies::{self, LoadedPolicies, PolicyArgs};
use crate::catalog::Catalog;
use crate::evaluate::Decision;
use crate::evaluate::call::{Outcome, decide_call};
use question::Question;

/// Decide whether policies allow a call.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 allowed, or every line of a batch was read; 1 denied; 2 wrong use; \
                        3 not decided: a fact is missing, or something was not read."
)]
pub struct SimulateArgs {
    /// Who calls: an ARN, a service such as `ec2.amazonaws.com`, an identity provider, or
    /// `anonymous`. Without it, as in SimulateCustomPolicy, nobody in particular.
    #[arg(long, value_name = "ARN")]
    principal: Option<String>,
    /// The action: SERVICE:NAME.
    #[arg(long, value_name = "ACTION", required_unless_present = "batch")]
    action: Option<String>,
    /// Everything that the call touches.
    #[arg(long, value_name = "ARN", num_args = 1..)]
    resource: Vec<String>,
    /// The account that owns the resources whose ARNs name none.
    #[arg(long, value_name = "ID")]
    resource_account: Option<String>,
    /// Context keys of the request. Values of keys with several are separated by commas.
    #[arg(long, value_name = "KEY=VALUE[,VALUE]", num_args = 1..)]
    context: Vec<String>,
    /// Context keys of one of several resources.
    #[arg(long, value_names = ["ARN", "KEY=VALUE"], num_args = 2..)]
    context_for: Vec<String>,
    /// Keys that the request certainly lacks.
    #[arg(long, value_name = "KEY", num_args = 1..)]
    context_absent: Vec<String>,
    /// Every key that is not given is absent; without it, one that requests may carry is unknown.
    #[arg(long)]
    context_complete: bool,
    /// The EC2 scenario that says which resources `ec2:RunInstances` needs, such as
    /// `EC2-VPC-EBS-Subnet`.
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Facts that no context key tells, such as `s3.bucketAbac=true`.
    #[arg(long, value_name = "NAME=VALUE", num_args = 1..)]
    fact: Vec<String>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Decide each line of a file of cases (`-`: standard input), one verdict a line.
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "principal", "action", "resource", "resource_account", "context", "context_for",
        "context_absent", "context_complete", "scenario", "fact", "format", "identity", "boundary",
        "session", "scp", "rcp", "resource_policy", "trust", "endpoint_policy", "no_full_aws_access",
        "snapshot", "snapshot_principal",
    ])]
    batch: Option<String>,
    /// Use the catalog in the binary even if the cache has a newer one.
    #[arg(long)]
    builtin_catalog: bool,
    #[command(flatten)]
    policies: PolicyArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

/// Everything that an answer is made of.
struct Answer<'a> {
    question: &'a Question,
    loaded: &'a LoadedPolicies,
    outcome: &'a Outcome,
    /// One for each resource.
    why: Vec<Why<'a>>,
    decision: Decision,
    catalog: &'a Catalog,
}

/// Why a call cannot be decided; each is the user's to put right.
pub(super) enum Refusal {
    /// Wrong use.
    Use(String),
    /// A name that the catalog does not have.
    UnknownName(String),
}

/// Runs the subcommand and returns the exit code: 0 allowed, 1 denied, 2 wrong use, 3 not decided.
#[must_use]
pub fn run(args: &SimulateArgs) -> u8 {
    let catalog = match super::catalog::load_catalog(args.builtin_catalog) {
        Ok(catalog) => catalog,
        Err(error) => return complain(&error.to_string(), 2),
    };
    if let Some(name) = &args.batch {
        return batch::run(name, &catalog);
    }
    match decide_one(args, &catalog) {
        Ok(code) => code,
        Err(Refusal::Use(message)) => complain(&message, 2),
        Err(Refusal::UnknownName(message)) => complain(&message, 3),
    }
}

fn decide_one(args: &SimulateArgs, catalog: &Catalog) -> Result<u8, Refusal> {
    let mut question = Question::read(args, catalog)?;
    let mut layers = args.policies.clone();
    layers.of_principal(args.principal.as_deref());
    let mut loaded = policies::load(&layers).map_err(|error| Refusal::Use(error.to_string()))?;
    question.take_snapshot(&mut loaded)?;
    question.add_policies(&mut loaded)?;
    let outcome = decide_call(&loaded.policies, &question.call(), catalog);
    let is_incomplete = !loaded.unread.is_empty();
    let why = outcome
        .resources
        .iter()
        .map(|it| Why::new(it, &loaded))
        .collect();
    let answer = Answer {
        decision: match settle(outcome.decision, is_incomplete) {
            Decision::Allowed if loaded.limits_unread() => Decision::Unknown,
            other => other,
        },
        question: &question,
        outcome: &outcome,
        why,
        catalog,
        loaded: &loaded,
    };
    let shown = match args.format {
        Format::Text => text::answer(&answer),
        Format::Json => json::answer(&answer),
    };
    // A closed pipe (`| head`) is no failure of ours.
    let _ = anstream::stdout().write_all(shown.as_bytes());
    Ok(match answer.decision {
        Decision::Allowed => 0,
        Decision::ImplicitlyDenied | Decision::ExplicitlyDenied | Decision::Error => 1,
        Decision::Unknown => 3,
    })
}

/// Only a Deny is certain while something was not read.
pub(super) const fn settle(decision: Decision, is_incomplete: bool) -> Decision {
    match decision {
        Decision::ExplicitlyDenied => decision,
        _ if is_incomplete => Decision::Unknown,
        _ => decision,
    }
}

fn complain(message: &str, code: u8) -> u8 {
    let _ = writeln!(
        anstream::stderr(),
        "error: {}",
        super::input::lines_visible(message)
    );
    code
}
