//! The `rolecall` binary: calls `cli` and returns its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(rolecall::cli::run())
}
