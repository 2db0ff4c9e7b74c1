//! `rolecall completions SHELL` and `rolecall man`: what packagers install beside the binary.

use std::io::Write as _;

use clap::Args;
use clap_complete::Shell;

/// Print the completions of a shell.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell.
    shell: Shell,
}

/// Print the man page, in roff.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The page of this subcommand.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// Runs `completions` and returns the exit code, 0.
pub(super) fn run(args: &CompletionsArgs, mut command: clap::Command) -> u8 {
    let mut bytes = Vec::new();
    clap_complete::generate(args.shell, &mut command, "rolecall", &mut bytes);
    // A closed pipe is the reader's choice.
    let _ = std::io::stdout().write_all(&bytes);
    0
}

/// Runs `man` and returns the exit code: 0, or 2 for an unknown subcommand.
pub(super) fn man(args: &ManArgs, mut command: clap::Command) -> u8 {
    command.build();
    let page = match &args.command {
        None => Some(command),
        Some(name) => command.find_subcommand(name).cloned(),
    };
    let Some(page) = page else {
        let name = args.command.as_deref().unwrap_or_default();
        let name = super::input::lines_visible(name);
        let _ = writeln!(anstream::stderr(), "error: there is no subcommand `{name}`");
        return 2;
    };
    let mut bytes = Vec::new();
    // Writing into memory does not fail.
    let _ = clap_mangen::Man::new(page).render(&mut bytes);
    let _ = std::io::stdout().write_all(&bytes);
    0
}
