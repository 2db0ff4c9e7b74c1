//! `rolecall compare`: is one set of policies no more than another?

mod batch;

use std::io::Write as _;

use clap::Args;

use super::catalog::load_catalog;
use crate::analyze::Analysis;

/// Compare policies: does the new one allow anything that the old one does not?
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// Pairs of policies as JSON lines, from a file or `-`.
    #[arg(long, value_name = "FILE|-")]
    batch: Option<String>,
    /// Read the catalog of AWS's actions from this program, not a newer one from the cache.
    #[arg(long)]
    builtin_catalog: bool,
    /// Leave out what AWS documents about which keys and resources an action has.
    #[arg(long)]
    pure: bool,
}

/// Runs the subcommand and returns the exit code.
pub(super) fn run(args: &CompareArgs) -> u8 {
    let catalog = match load_catalog(args.builtin_catalog) {
        Ok(catalog) => catalog,
        Err(error) => {
            let _ = writeln!(anstream::stderr(), "error: {error}");
            return 2;
        }
    };
    let analysis = Analysis {
        pure: args.pure,
        ..Analysis::new(&catalog)
    };
    match &args.batch {
        Some(name) => batch::run(name, &analysis),
        None => 2,
    }
}
