//! `rolecall profile add`: one more requirement in a profile of one's own.

use clap::Args;

use super::own::{self, Own};
use super::save::{complain, print, save};
use crate::evidence::{self, AddError, Requested};

/// Add a requirement to a profile; its comments and layout stay.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 it was added; 2 it was not.")]
pub(super) struct AddArgs {
    /// The profile: a profile.toml, or its folder.
    #[arg(value_name = "PROFILE.toml")]
    profile: String,
    /// What must be allowed: `service:Action`.
    #[arg(value_name = "ACTION")]
    action: String,
    /// What it is called on: an object of the profile, `new OBJECT`, or an ARN, also with `*`.
    #[arg(long = "resource", value_name = "OBJECT|ARN")]
    resources: Vec<String>,
    /// The phase; one that is not there is declared; none: the last one.
    #[arg(long, value_name = "NAME")]
    phase: Option<String>,
    /// Its id; none: after the action.
    #[arg(long)]
    id: Option<String>,
    /// What the call is for.
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// What an operator sees without it.
    #[arg(long, value_name = "TEXT")]
    breaks: Option<String>,
    /// The feature that switches it on.
    #[arg(long, value_name = "NAME")]
    feature: Option<String>,
    /// What it rests on: a short name of the profile's evidence, or a text.
    #[arg(long, value_name = "NAME|TEXT")]
    evidence: Vec<String>,
}

/// Runs the subcommand and returns the exit code.
pub(super) fn run(args: &AddArgs) -> u8 {
    match add(args) {
        Ok(id) => {
            print(&format!("{}: added `{id}`\n", args.profile));
            0
        }
        Err(message) => complain(&message),
    }
}

fn add(args: &AddArgs) -> Result<String, String> {
    let own = own::open(&args.profile)?;
    let requested = Requested {
        action: args.action.clone(),
        resources: args.resources.clone(),
        phase: args.phase.clone(),
        id: args.id.clone(),
        why: args.why.clone(),
        breaks: args.breaks.clone(),
        feature: args.feature.clone(),
        evidence: args.evidence.clone(),
    };
    let (text, id) =
        evidence::add(&own.path, &own.text, &requested).map_err(|error| match error {
            AddError::Profile(errors) => own::report(&own, &errors),
            AddError::Request(message, help) if help.is_empty() => message,
            AddError::Request(message, help) => format!("{message}\nhelp: {help}"),
            AddError::Result(text, errors) => {
                let path = format!("{} with this requirement", own.path);
                own::report(&Own { path, text }, &errors)
            }
        })?;
    save(&own.path, &text)?;
    Ok(id)
}
