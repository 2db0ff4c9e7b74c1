//! The command line.

pub mod access;
mod batch;
pub mod bootstrap;
pub mod catalog;
pub mod check;
pub mod compare;
pub mod completions;
pub mod credential;
mod deciding;
pub mod explain;
pub mod fix;
pub mod generate;
mod guests;
pub mod input;
pub mod isolation;
mod judged;
pub mod lint;
mod live;
mod named;
mod patch;
pub mod policies;
pub mod preflight;
pub mod profile;
pub mod profiles;
pub mod public;
mod replace;
mod replay;
mod revision;
pub mod rules;
pub mod simulate;
pub mod snapshot;
pub mod who;
pub mod why;
mod words;

use clap::{CommandFactory as _, Parser, Subcommand};

/// Does this AWS access let the vendor do its job, and nothing else?
#[derive(Debug, Parser)]
#[command(name = "rolecall", version)]
struct Rolecall {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Lint(Box<lint::LintArgs>),
    Check(Box<check::CheckArgs>),
    Fix(Box<fix::FixArgs>),
    Generate(Box<generate::GenerateArgs>),
    Isolation(Box<isolation::IsolationArgs>),
    Simulate(Box<simulate::SimulateArgs>),
    Access(Box<access::AccessArgs>),
    Compare(Box<compare::CompareArgs>),
    Who(Box<who::WhoArgs>),
    Why(Box<why::WhyArgs>),
    Public(Box<public::PublicArgs>),
    Preflight(Box<preflight::PreflightArgs>),
    Credential(Box<credential::CredentialArgs>),
    Snapshot(Box<snapshot::SnapshotArgs>),
    Bootstrap(Box<bootstrap::BootstrapArgs>),
    Profile(Box<profile::ProfileArgs>),
    Profiles(profiles::ProfilesArgs),
    Catalog(catalog::CatalogArgs),
    Rules(rules::RulesArgs),
    Explain(explain::ExplainArgs),
    Completions(completions::CompletionsArgs),
    Man(completions::ManArgs),
}

/// Runs the command line and returns the exit code.
#[must_use]
pub fn run() -> u8 {
    match Rolecall::try_parse().map(|it| it.command) {
        Ok(Command::Lint(args)) => lint::run(&args),
        Ok(Command::Check(args)) => check::run(&args),
        Ok(Command::Fix(args)) => fix::run(&args),
        Ok(Command::Generate(args)) => generate::run(&args),
        Ok(Command::Isolation(args)) => isolation::run(&args),
        Ok(Command::Simulate(args)) => simulate::run(&args),
        Ok(Command::Access(args)) => access::run(&args),
        Ok(Command::Compare(args)) => compare::run(&args),
        Ok(Command::Who(args)) => who::run(&args),
        Ok(Command::Why(args)) => why::run(&args),
        Ok(Command::Public(args)) => public::run(&args),
        Ok(Command::Preflight(args)) => preflight::run(&args),
        Ok(Command::Credential(args)) => credential::run(&args),
        Ok(Command::Snapshot(args)) => snapshot::run(&args),
        Ok(Command::Bootstrap(args)) => bootstrap::run(&args),
        Ok(Command::Profile(args)) => profile::run(&args),
        Ok(Command::Profiles(args)) => profiles::run(&args),
        Ok(Command::Catalog(args)) => catalog::run(args),
        Ok(Command::Rules(args)) => rules::run(&args),
        Ok(Command::Explain(args)) => explain::run(&args),
        Ok(Command::Completions(args)) => completions::run(&args, Rolecall::command()),
        Ok(Command::Man(args)) => completions::man(&args, Rolecall::command()),
        Err(error) => {
            let _ = error.print();
            u8::try_from(error.exit_code()).unwrap_or(2)
        }
    }
}
