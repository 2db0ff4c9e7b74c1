//! `rolecall profile`: shows vendor profiles, and helps to write and keep one's own.
//!
//! `list` and `show` are `rolecall profiles` under another name; `new`, `add`, `test` and `diff`
//! have a file each.

mod add;
mod diff;
mod new;
mod own;
mod save;
mod test;

use clap::{Args, Subcommand, ValueEnum};

use super::profiles;

/// Show vendor profiles; write, test and compare your own.
#[derive(Debug, Args)]
pub struct ProfileArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(profiles::ListArgs),
    Show(profiles::ShowArgs),
    New(new::NewArgs),
    Add(add::AddArgs),
    Test(test::TestArgs),
    Diff(diff::DiffArgs),
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
pub fn run(args: &ProfileArgs) -> u8 {
    match &args.command {
        Command::List(args) => profiles::run_list(args),
        Command::Show(args) => profiles::run_show(args),
        Command::New(args) => new::run(args),
        Command::Add(args) => add::run(args),
        Command::Test(args) => test::run(args),
        Command::Diff(args) => diff::run(args),
    }
}

/// Returns what could not be told of evidence, with its place.
pub(super) fn unread_line(unread: &crate::evidence::Unread) -> String {
    new::line(unread)
}
