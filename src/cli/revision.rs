//! Files of git revisions, `REV:path`, read with the `git` program.
//!
//! A file of that very name wins, so nothing that can be named without git changes its meaning.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use thiserror::Error;

use super::input::{Input, STDIN};

/// Why a file of a revision cannot be read. All of these are for the user to put right.
#[derive(Debug, Error)]
pub enum RevisionError {
    /// There is no `git` program.
    #[error("there is no file `{name}`, and no `git` program to look for a revision of that name")]
    NoGit {
        /// What the user named.
        name: String,
    },
    /// The system does not let us start it.
    #[error("`git` cannot be started: {error}")]
    Start {
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
    /// Git has no such revision, or no such file in it.
    #[error("there is no file `{name}`, and git has no such revision or file: {said}")]
    Missing {
        /// What the user named.
        name: String,
        /// What git said.
        said: String,
    },
}

/// Returns the file of a revision; nothing where the name is no `REV:path`, or that of a file.
pub(super) fn open(name: &str) -> Option<Result<Input, RevisionError>> {
    let (revision, path) = name.split_once(':')?;
    let is_one = name != STDIN && !revision.is_empty() && !path.is_empty();
    // `C:\policy.json` is a path.
    let is_drive = revision.len() == 1 && path.starts_with(['\\', '/']);
    if !is_one || is_drive || revision.starts_with('-') || Path::new(name).exists() {
        return None;
    }
    Some(read(name))
}

/// Reads `REV:path`, the path being that from the root of the repository.
pub(super) fn read(name: &str) -> Result<Input, RevisionError> {
    let output = Command::new("git")
        .args(["show", "--no-textconv", "--no-color", "--format=", name])
        // What it says becomes part of an English sentence.
        .env("LC_ALL", "C")
        .output();
    let output = output.map_err(|error| match error.kind() {
        ErrorKind::NotFound => RevisionError::NoGit { name: name.into() },
        _ => RevisionError::Start { error },
    })?;
    if output.status.success() {
        return Ok(Input {
            name: name.into(),
            bytes: output.stdout,
        });
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or_default();
    Err(RevisionError::Missing {
        name: name.into(),
        said: said.trim_start_matches("fatal: ").to_owned(),
    })
}
