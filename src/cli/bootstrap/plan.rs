//! `rolecall bootstrap plan`: everything that would be made, with its final document and why.

mod making;

use clap::Args;
use making::Making;

use super::theirs::Theirs;
use super::{Format, print};
use crate::arn::is_account_id;
use crate::cli::catalog::load_static_catalog;
use crate::cli::generate;
use crate::cli::live::LiveArgs;
use crate::cli::policies::{self, PolicyArgs};
use crate::cli::profiles::{LoadedProfile, load_profile};
use crate::cli::replace;
use crate::emit;
use crate::evaluate::Level;
use crate::generate::Generated;
use crate::plan::{self, ACCOUNT_TO_COME, Account, Found, Plan};
use crate::profile::Profile;
use crate::report;
use crate::store;

/// Show everything that a bootstrap makes, and whether it may be made; change nothing.
#[derive(Debug, Args)]
#[command(
    after_help = "What may not be made: what leaves a required requirement unmet, and what lets the \
                  vendor go beyond its access, but for the classes that `--accept` names.\n\
                  Exit codes: 0 the plan may be applied; 1 it may not, or something of the same name \
                  is there and differs; 2 wrong use; 3 something could not be told."
)]
pub(super) struct PlanArgs {
    /// What the vendor needs: VENDOR/PROFILE (`rolecall profiles` lists them), or a profile.toml;
    /// several for a vendor with several roles.
    #[arg(long = "for", value_name = "PROFILE", required = true)]
    profiles: Vec<String>,
    /// Set a variable of the profile; a list takes several values, with commas.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    variables: Vec<String>,
    /// Switch a feature on; `no-NAME` switches one off.
    #[arg(long = "feature", value_name = "NAME")]
    features: Vec<String>,
    /// The name of the bootstrap, in the tag `rolecall:installation` on everything that it makes;
    /// the profile's by default.
    #[arg(long, value_name = "NAME", value_parser = installation)]
    installation: Option<String>,
    /// Create this member account of the organization first, and make everything in it.
    #[arg(long, value_name = "NAME", requires = "email")]
    member_account: Option<String>,
    /// The e-mail address of the member account's root user.
    #[arg(long, value_name = "ADDRESS", requires = "member_account", value_parser = email)]
    email: Option<String>,
    /// The administrator role that AWS makes in the member account.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "OrganizationAccountAccessRole",
        requires = "member_account"
    )]
    account_role: String,
    /// The account; without `--offline` it must be the credential's.
    #[arg(long, value_name = "ID", value_parser = account)]
    account: Option<String>,
    /// Look at no account.
    #[arg(long)]
    offline: bool,
    /// Service control policies of the account, with `TARGET=` in front for a level.
    #[arg(long, value_name = "[TARGET=]FILE", num_args = 1..)]
    scp: Vec<String>,
    /// Plan the vendor's own policies instead of the generated ones.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    policy: Vec<String>,
    /// Plan no permissions boundaries.
    #[arg(long)]
    no_boundary: bool,
    /// Take a weakness upon yourself by its class, as the plan names it; each needs a `--reason`.
    #[arg(long, value_name = "CLASS")]
    accept: Vec<String>,
    /// Why the weakness is accepted: it stays in the plan.
    #[arg(long, value_name = "TEXT")]
    reason: Vec<String>,
    /// Write the plan into this file, to be applied.
    #[arg(long, value_name = "FILE")]
    out: Option<String>,
    /// Write what the plan makes for your own automation: terraform, cloudformation or cli.
    #[arg(long, value_name = "FORMAT", value_parser = generate::format, requires = "emit_to")]
    emit: Option<emit::Format>,
    /// The folder for `--emit`.
    #[arg(long, value_name = "DIR", requires = "emit")]
    emit_to: Option<String>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Leave the documents out of the text.
    #[arg(long)]
    no_documents: bool,
    /// Use the catalog in the binary, not an updated one.
    #[arg(long)]
    builtin_catalog: bool,
    #[command(flatten)]
    live: LiveArgs,
}

/// A value that IAM takes for a tag, and a file name as well.
fn installation(text: &str) -> Result<String, String> {
    let is_taken = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    match text.chars().all(is_taken) && (1..=64).contains(&text.len()) {
        true => Ok(text.to_owned()),
        false => Err("write 1 to 64 letters, digits, `-`, `_` and `.`".to_owned()),
    }
}

/// What AWS takes is for AWS to say; this tells an address from a name.
fn email(text: &str) -> Result<String, String> {
    let parts = text.split_once('@');
    match parts.is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.')) {
        true => Ok(text.to_owned()),
        false => Err("write an e-mail address".to_owned()),
    }
}

fn account(text: &str) -> Result<String, String> {
    match is_account_id(text) && text != ACCOUNT_TO_COME {
        true => Ok(text.to_owned()),
        false => Err("write the twelve digits of an account".to_owned()),
    }
}

/// What is known of the account before anything is generated.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The account; none where it is still to be created.
    pub(super) account: Option<String>,
    /// The partition.
    pub(super) partition: String,
    /// Whose credential looked; empty: nobody's.
    pub(super) by: String,
    /// When: RFC 3339; empty: never.
    pub(super) made: String,
    /// Service control policies by level.
    pub(super) scps: Vec<Level>,
    /// Limits of the account that could not be read.
    pub(super) unread: Vec<String>,
}

pub(super) fn run(args: &PlanArgs) -> Result<u8, String> {
    if args.accept.len() != args.reason.len() {
        return Err(format!(
            "{} times `--accept`, and {} times `--reason`: each weakness needs one of its own",
            args.accept.len(),
            args.reason.len()
        ));
    }
    if args.variables.iter().any(|it| it.starts_with("account=")) {
        return Err("`--var account`: write `--account ID`".to_owned());
    }
    let theirs = Theirs::open(&args.policy, args.no_boundary)?;
    let profiles = args.profiles.iter().map(|it| {
        let LoadedProfile { profile, .. } = load_profile(it).map_err(|it| it.to_string())?;
        Ok(profile)
    });
    let profiles: Vec<Profile> = profiles.collect::<Result<_, String>>()?;
    let catalog = load_static_catalog(args.builtin_catalog).map_err(|it| it.to_string())?;
    let member = args.member();
    let (mut seen, mut sight) = args.look(member.as_ref())?;
    args.add_scps(&mut seen)?;
    let making = Making {
        args,
        seen: &seen,
        theirs: &theirs,
        catalog,
    };
    let generated = making.accesses(&profiles)?;
    let mut plan = making.plan(&generated, member.as_ref())?;
    sight.look(&mut plan);
    plan.gate = plan::gate(&plan, &generated, &seen.unread, catalog);
    accept(&mut plan, args)?;
    finish(args, &making, &profiles, &generated, &plan)
}

/// Writes what was asked for, shows the plan, and returns the exit code.
fn finish(
    args: &PlanArgs,
    making: &Making<'_>,
    profiles: &[Profile],
    generated: &[Generated],
    plan: &Plan,
) -> Result<u8, String> {
    let mut notes = String::new();
    if let Some(folder) = &args.emit_to {
        notes.push_str(&match plan.gate.passes() {
            true => making.emit(folder, profiles, generated)?,
            false => "nothing was emitted: the plan may not be applied\n".to_owned(),
        });
    }
    if let Some(file) = &args.out {
        replace::put(file, &store::plan::write(plan))?;
        notes.push_str(&format!("written to {file}\n"));
    }
    match args.format {
        Format::Json => print(&store::plan::write(plan)),
        Format::Text => {
            let shown = report::plan::Shown {
                plan,
                file: args.out.as_deref(),
                documents: !args.no_documents,
            };
            print(&report::plan::text(&shown));
            if !notes.is_empty() {
                print(&format!("\n{notes}"));
            }
        }
    }
    Ok(exit_code(plan))
}

fn exit_code(plan: &Plan) -> u8 {
    let objects = || plan.objects.iter().map(|it| &it.found);
    let differs = objects().any(|it| matches!(it, Found::Differs(_)));
    let is_open = objects().any(|it| matches!(it, Found::Unknown(_)));
    match (plan.gate.refuses() || differs, plan.gate.passes()) {
        (true, _) => 1,
        (false, true) if !is_open => 0,
        (false, _) => 3,
    }
}

fn accept(plan: &mut Plan, args: &PlanArgs) -> Result<(), String> {
    for (class, reason) in args.accept.iter().zip(&args.reason) {
        if reason.trim().is_empty() {
            return Err(format!("`--accept {class}`: the reason is empty"));
        }
        plan.gate.accept(class, reason).map_err(|it| {
            let known = match it.known.as_slice() {
                [] => "nothing in this plan has to be accepted".to_owned(),
                some => format!("what this plan has is {}", some.join(", ")),
            };
            format!(
                "`--accept {}`: the plan has no such weakness\nhelp: {known}",
                it.class
            )
        })?;
    }
    Ok(())
}

impl PlanArgs {
    fn member(&self) -> Option<Account> {
        let name = self.member_account.as_ref()?;
        Some(Account {
            name: name.clone(),
            email: self.email.clone().unwrap_or_default(),
            role: self.account_role.clone(),
            id: None,
        })
    }

    fn look(&self, member: Option<&Account>) -> Result<(Seen, Sight), String> {
        if !self.offline {
            return self.look_live(member);
        }
        if self.account.is_none() && member.is_none() {
            return Err(
                "offline nobody says which account it is\nhelp: name it with `--account ID`".into(),
            );
        }
        if self.account.is_some() && member.is_some() {
            return Err(
                "`--account` with `--member-account`: a new account gets its id from AWS".into(),
            );
        }
        let partition = self
            .variables
            .iter()
            .find_map(|it| it.strip_prefix("partition="));
        let seen = Seen {
            account: self.account.clone(),
            partition: partition.unwrap_or("aws").to_owned(),
            unread: match self.scp.is_empty() {
                true => vec![
                    "the service control policies of the account: nobody looked, and `--scp` names \
                     none"
                        .to_owned(),
                ],
                false => Vec::new(),
            },
            ..Seen::default()
        };
        Ok((seen, Sight::nothing()))
    }

    #[cfg(not(feature = "aws"))]
    fn look_live(&self, _: Option<&Account>) -> Result<(Seen, Sight), String> {
        let message = crate::cli::live::without_aws("bootstrap plan");
        Err(format!("{message}, or plan with `--offline --account ID`"))
    }

    #[cfg(feature = "aws")]
    fn look_live(&self, member: Option<&Account>) -> Result<(Seen, Sight), String> {
        let sight = super::ground::Sight::open(&self.live, member)?;
        let seen = sight.seen(self.scp.is_empty())?;
        if let (Some(told), Some(own)) = (&self.account, &seen.account)
            && told != own
        {
            return Err(format!(
                "`--account {told}`: the credential is of the account {own}\nhelp: use one of the \
                 account in which the vendor is to work"
            ));
        }
        Ok((seen, sight))
    }

    /// Adds the service control policies of files.
    fn add_scps(&self, seen: &mut Seen) -> Result<(), String> {
        if self.scp.is_empty() {
            return Ok(());
        }
        let layers = PolicyArgs {
            scp: self.scp.clone(),
            ..PolicyArgs::default()
        };
        let loaded = policies::load(&layers).map_err(|it| it.to_string())?;
        if let Some(finding) = loaded.unread.first() {
            return Err(format!("{}: nothing was planned", finding.message));
        }
        seen.scps = loaded.policies.scps;
        Ok(())
    }
}

#[cfg(feature = "aws")]
use super::ground::Sight;

/// Nobody looks.
#[cfg(not(feature = "aws"))]
#[derive(Debug)]
struct Sight;

#[cfg(not(feature = "aws"))]
impl Sight {
    fn nothing() -> Self {
        Self
    }

    #[expect(
        clippy::unused_self,
        reason = "the other build has something to look with"
    )]
    fn look(&mut self, _: &mut Plan) {}
}
