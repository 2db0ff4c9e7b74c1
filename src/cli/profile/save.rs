//! Puts texts where the user wants them: files whole or not at all, or standard output.
#![expect(
    clippy::disallowed_methods,
    reason = "this is a place of `cli` that writes files"
)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::cli::input::STDIN;

/// Prints to standard output. A closed pipe (`| head`) is no failure of ours.
pub(super) fn print(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// Prints to standard error.
pub(super) fn say(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Says what is wrong and returns the code for wrong use.
pub(super) fn complain(message: &str) -> u8 {
    say(&format!("error: {message}"));
    2
}

/// Whether a file is there.
pub(super) fn exists(name: &str) -> bool {
    name != STDIN && Path::new(name).exists()
}

/// Writes a file whole or not at all; `-` is standard output.
///
/// # Errors
///
/// What the system says, with the file's name.
pub(super) fn save(name: &str, text: &str) -> Result<(), String> {
    if name == STDIN {
        print(text);
        return Ok(());
    }
    let refuse = |error: std::io::Error| format!("`{name}` cannot be written: {error}");
    // A link stays one: what it points at is replaced.
    let path = fs::canonicalize(name).unwrap_or_else(|_| PathBuf::from(name));
    let mut beside = path.clone().into_os_string();
    beside.push(format!(".rolecall-{}", std::process::id()));
    let beside = Path::new(&beside);
    let written = fs::write(beside, text)
        .and_then(|()| match fs::metadata(&path) {
            Ok(metadata) => fs::set_permissions(beside, metadata.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| fs::rename(beside, &path));
    written.map_err(|error| {
        let _ = fs::remove_file(beside);
        refuse(error)
    })
}
