//! `rolecall bootstrap`: the vendor's access, made in the customer's account and removed again.

#[cfg(feature = "aws")]
mod afterwards;
mod apply;
mod destroy;
#[cfg(feature = "aws")]
mod ground;
mod place;
mod plan;
mod status;
#[cfg(feature = "aws")]
mod stopped;
mod theirs;

use std::io::Write as _;

use clap::{Args, Subcommand, ValueEnum};

use super::input;
use crate::plan::Plan;

/// Plan the vendor's access, make it in an account, look after it, and remove it again.
#[derive(Debug, Args)]
pub struct BootstrapArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Plan(Box<plan::PlanArgs>),
    Apply(Box<apply::ApplyArgs>),
    Status(status::StatusArgs),
    Destroy(destroy::DestroyArgs),
}

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

/// Runs the subcommand and returns the exit code.
#[must_use]
pub fn run(args: &BootstrapArgs) -> u8 {
    let result = match &args.command {
        Command::Plan(args) => plan::run(args),
        Command::Apply(args) => apply::run(args),
        Command::Status(args) => status::run(args),
        Command::Destroy(args) => destroy::run(args),
    };
    match result {
        Ok(code) => code,
        Err(message) => {
            let message = input::lines_visible(&message);
            let _ = writeln!(std::io::stderr(), "error: {message}");
            2
        }
    }
}

/// Reads a plan from a file.
fn read_plan(name: &str) -> Result<Plan, String> {
    let input = input::open(name).map_err(|error| format!("`--plan`: {error}"))?;
    let text = String::from_utf8(input.bytes)
        .map_err(|_| format!("`--plan {name}` is not UTF-8\nhelp: is this the right file?"))?;
    crate::store::plan::read(&input.name, &text).map_err(|it| it.to_string())
}

/// Prints a text; a closed pipe is the reader's choice.
fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
