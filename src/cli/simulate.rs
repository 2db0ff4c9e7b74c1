//! `rolecall simulate`: decides one call, or a stream of them.

mod batch;

use clap::Args;
use std::io::Write as _;

/// Decide whether policies allow a call.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// Decide each line of a file of cases (`-`: standard input), one verdict a line.
    #[arg(long, value_name = "FILE")]
    batch: Option<String>,
    /// Use the catalog in the binary even if the cache has a newer one.
    #[arg(long)]
    builtin_catalog: bool,
}

/// Runs the subcommand and returns the exit code.
#[must_use]
pub fn run(args: &SimulateArgs) -> u8 {
    let catalog = match super::catalog::load_catalog(args.builtin_catalog) {
        Ok(catalog) => catalog,
        Err(error) => {
            let _ = writeln!(anstream::stderr(), "error: {error}");
            return 2;
        }
    };
    batch::run(args.batch.as_deref().unwrap_or("-"), &catalog)
}
