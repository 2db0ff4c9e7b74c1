//! Settings of `lint`: what `rolecall.toml` says, with a place for every mistake in it.
//!
//! Nothing here reads a file or knows the clock: `cli` finds the file that is nearest to a policy
//! and says what day it is. A mistake in the settings proper stops the run; a mistake in a
//! suppression is reported and the suppression suppresses nothing, so that no typo can hide a
//! finding.

mod baseline;
mod parse;
mod suppress;

pub use baseline::{Baseline, BaselineError};
pub use parse::{FailOn, PathRules, Settings};
pub use suppress::{Suppression, Suppressions};

/// The name of the settings file.
pub const FILE_NAME: &str = "rolecall.toml";
