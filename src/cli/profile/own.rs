//! Opens the text of a profile of one's own, which `add`, `new --extend` and `test` work on.

use std::path::Path;

use crate::cli::input;
use crate::cli::profiles;
use crate::profile::shipped;

/// The text of a profile, with its path.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) path: String,
    pub(super) text: String,
}

/// Reads a profile's file, or that of its folder.
///
/// # Errors
///
/// It is not there, or is built in: then it cannot be changed.
pub(super) fn open(name: &str) -> Result<Own, String> {
    if shipped(name).is_some() && !Path::new(name).exists() {
        return Err(format!(
            "`{name}` is built in and cannot be changed\nhelp: write a profile of your own that \
             takes it over: `[[include]]` with `profile = \"{name}\"`"
        ));
    }
    let mut path = name.to_owned();
    if Path::new(name).is_dir() {
        path = Path::new(name).join("profile.toml").display().to_string();
    }
    let input = input::open(&path).map_err(|error| error.to_string())?;
    let text = String::from_utf8(input.bytes).map_err(|_| format!("`{path}` is not UTF-8"))?;
    Ok(Own { path, text })
}

/// Returns every error of a profile with its place.
pub(super) fn report(own: &Own, errors: &[crate::profile::ProfileError]) -> String {
    profiles::error_report(&own.path, &own.text, errors)
}
