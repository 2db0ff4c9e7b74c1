//! Runs a preflight for a connection: what `preflight` and `credential` share.

use serde_json::Value;

use super::{AskedArgs, Require};
use crate::account::Snapshot;
use crate::aws::{Connection, Live};
use crate::catalog::Catalog;
use crate::cli::catalog::load_static_catalog;
use crate::cli::check::options;
use crate::cli::judged::{setting_errors, settings};
use crate::cli::live::{self, As, LiveArgs};
use crate::cli::profiles::{LoadedProfile, load_profile};
use crate::preflight::{Failure, Order, Parties, Probing, Report, TrustOrder, run};
use crate::profile::Profile;
use crate::report::preflight::{self, Shown};
use crate::source::FileId;

/// What is asked of which credential.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Wanted {
    /// The vendor's profile.
    pub(in crate::cli) profile: String,
    /// What is asked.
    pub(in crate::cli) asked: AskedArgs,
    /// The role to assume first, and the external ID.
    pub(in crate::cli) role: Option<(String, String)>,
    /// Where the account is.
    pub(in crate::cli) live: LiveArgs,
}

/// What was found, with what it takes to show it.
pub(in crate::cli) struct Examined {
    /// What was found.
    pub(in crate::cli) report: Report,
    profile: Profile,
    catalog: &'static Catalog,
    isolation_required: bool,
    fallback: FileId,
}

/// Judges the connection's credential.
pub(in crate::cli) fn examine(
    connection: &Connection,
    wanted: &Wanted,
) -> Result<Examined, String> {
    let LoadedProfile { profile, .. } =
        load_profile(&wanted.profile).map_err(|it| it.to_string())?;
    let asked = &wanted.asked;
    let mut settings = settings(&asked.variables, &asked.features, &profile)?;
    settings.phases.clone_from(&asked.phases);
    let catalog = load_static_catalog(asked.builtin_catalog).map_err(|it| it.to_string())?;
    let organization = asked.organization_snapshot.as_deref();
    let organization = organization.map(organization_of).transpose()?;
    let now = live::now();
    let reader = asked.reader_profile.as_deref();
    let reader = reader.map(|name| wanted.live.connect_as(As::Profile(name)));
    let reader = reader.transpose()?;
    let mut reader = reader.as_ref().map(|it| Live::new(it, now.clone()));
    // The session stands for the vendor: what it may do is judged, and who may have it is tried.
    let session = match &wanted.role {
        Some((role, external_id)) => Some(session(connection, wanted, role, external_id)?),
        None => None,
    };
    let mut vendor = Live::new(connection, now.clone());
    let mut own = Live::new(session.as_ref().unwrap_or(connection), now);
    let random = random()?;
    let trust = wanted.role.as_ref().map(|(role, external_id)| TrustOrder {
        role: role.clone(),
        external_id: external_id.clone(),
        wrong: random.clone(),
    });
    let order = Order {
        profile: &profile,
        settings: &settings,
        catalog,
        organization: organization.as_ref(),
        no_organization: asked.no_organization,
        probing: match (asked.no_probe, asked.probe_writes) {
            (true, _) => Probing::Nothing,
            (false, true) => Probing::Writes,
            (false, false) => Probing::Reads,
        },
        opinion: asked.aws_opinion,
        random: &random,
        trust: trust.as_ref(),
    };
    let bar = live::spinner();
    bar.set_message("asking AWS");
    let mut parties = Parties {
        account: &mut own,
        reader: reader.as_mut().map(|it| it as _),
        assumer: trust.as_ref().map(|_| &mut vendor as _),
    };
    let found = run(&order, &mut parties);
    bar.finish_and_clear();
    let mut report = found.map_err(|it| failure(&it))?;
    let first = report.sources.iter().next().map(|(file, _)| file);
    let fallback = match first {
        Some(file) => file,
        None => report.sources.add("<no document>", ""),
    };
    Ok(Examined {
        report,
        profile,
        catalog,
        isolation_required: asked.require == Some(Require::Isolated),
        fallback,
    })
}

/// Assumes the role that is judged.
fn session(
    connection: &Connection,
    wanted: &Wanted,
    role: &str,
    external_id: &str,
) -> Result<Connection, String> {
    let place = wanted.live.place();
    let session = connection.assume(&place, role, Some(external_id));
    session.map_err(|error| {
        format!(
            "the role does not open to this external ID: {}\nhelp: AWS says the same where the role is \
             not there, is younger than a minute, does not name this caller or asks for another \
             external ID: compare its trust policy",
            live::call_error(&error)
        )
    })
}

/// Returns 128 random bits, as text: a name that nobody can have chosen.
fn random() -> Result<String, String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| format!("the system gives no random numbers: {error}"))?;
    Ok(bytes.iter().map(|it| format!("{it:02x}")).collect())
}

/// Reads what an administrator of the organization saved.
fn organization_of(file: &str) -> Result<Snapshot, String> {
    let flag = "--organization-snapshot";
    let input = crate::cli::input::open(file).map_err(|error| format!("`{flag}`: {error}"))?;
    let text = String::from_utf8(input.bytes)
        .map_err(|_| format!("`{flag} {file}` is not UTF-8\nhelp: is this the right file?"))?;
    crate::store::snapshot::read(&input.name, &text).map_err(|error| format!("`{flag}`: {error}"))
}

fn failure(failure: &Failure) -> String {
    match failure {
        Failure::NoCaller(unread) => {
            format!("the credential cannot be used: {}", unread.words())
        }
        Failure::Root(account) => format!(
            "this is a key of the root user of account {account}, whom no policy limits\nhelp: delete \
             it in the IAM console, and make a user or role for the vendor: `rolecall bootstrap plan`"
        ),
        Failure::Elsewhere { what, is, asked } => format!(
            "the credential belongs to {what} {is}, and {asked} was asked for\nhelp: use a credential \
             of {what} {asked}, or leave `--var {what}=…` out"
        ),
        Failure::OrganizationOfAnother { is, theirs } => format!(
            "the credential belongs to account {is}, and `--organization-snapshot` is of account \
             {theirs}\nhelp: its administrator reads it with `--account {is}`"
        ),
        Failure::Settings(errors) => setting_errors(errors),
    }
}

impl Examined {
    fn shown(&self) -> Shown<'_> {
        Shown {
            profile: &self.profile,
            report: &self.report,
            catalog: self.catalog.info(),
            isolation_required: self.isolation_required,
            fallback: self.fallback,
        }
    }

    /// Returns the exit code of `preflight`.
    pub(in crate::cli) fn exit_code(&self) -> u8 {
        let isolation = match self.isolation_required {
            true => self.report.isolation_word(),
            false => "isolated",
        };
        if self.report.fails() || isolation == "escapes" {
            1
        } else if !self.report.is_ready() || isolation == "unknown" {
            3
        } else {
            0
        }
    }
}

/// Returns the report for people.
pub(in crate::cli) fn text(examined: &Examined) -> String {
    preflight::text(&examined.shown(), options())
}

/// Returns the report for machines.
pub(in crate::cli) fn json(examined: &Examined) -> Value {
    preflight::json(&examined.shown())
}
