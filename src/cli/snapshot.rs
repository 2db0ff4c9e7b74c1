//! `rolecall snapshot`: what an account looks like to a credential, as a file.

use std::io::Write as _;

use clap::Args;

use super::live::LiveArgs;

/// Read what a user or role may do from AWS into a file, to judge it offline.
#[derive(Debug, Args)]
#[command(
    after_help = "Only reads are made, and each shows in the account's CloudTrail. Commands that \
                  take policies replay the file with `--snapshot FILE`. It holds no secret.\n\
                  Exit codes: 0 everything was read; 2 wrong use, or the credential cannot be \
                  used; 3 something could not be read, and the file says what and why."
)]
pub struct SnapshotArgs {
    /// The users, roles or role sessions to read; none: the credential's own.
    #[arg(long, value_name = "ARN")]
    principal: Vec<String>,
    /// Read the organization's service and resource control policies as well.
    #[arg(long)]
    organization: bool,
    /// Read what the organization limits in this member account, and no user or role of it.
    #[arg(
        long,
        value_name = "ID",
        requires = "organization",
        conflicts_with = "principal"
    )]
    account: Option<String>,
    /// The file to write, `-` for standard output.
    #[arg(long, value_name = "FILE")]
    out: String,
    #[command(flatten)]
    live: LiveArgs,
}

/// Runs the subcommand and returns the exit code.
#[must_use]
pub fn run(args: &SnapshotArgs) -> u8 {
    match snapshot(args) {
        Ok(code) => code,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "error: {message}");
            2
        }
    }
}

#[cfg(not(feature = "aws"))]
fn snapshot(_: &SnapshotArgs) -> Result<u8, String> {
    Err(super::live::without_aws("snapshot"))
}

#[cfg(feature = "aws")]
fn snapshot(args: &SnapshotArgs) -> Result<u8, String> {
    use super::input::STDIN as STDOUT;
    use super::{live, replace};
    use crate::{aws, report, store};

    let connection = args.live.connect()?;
    let wanted = aws::Wanted {
        principals: args.principal.clone(),
        organization: args.organization,
        member: args.account.clone(),
        now: live::now(),
    };
    let bar = live::spinner();
    let read = aws::collect(&connection, &wanted, &mut |what| {
        bar.set_message(what.to_owned());
    });
    bar.finish_and_clear();
    let snapshot = read.map_err(|error| live::collect_error(&error))?;
    let text = store::snapshot::write(&snapshot);
    let shown = report::snapshot::text(&snapshot);
    if args.out == STDOUT {
        // A closed pipe is the reader's choice.
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
        let _ = std::io::stderr().lock().write_all(shown.as_bytes());
    } else {
        replace::put(&args.out, &text)?;
        let _ = std::io::stdout().lock().write_all(shown.as_bytes());
        let _ = writeln!(std::io::stdout(), "\nwritten to {}", args.out);
    }
    Ok(match snapshot.unread.is_empty() {
        true => 0,
        false => 3,
    })
}
