//! Writes files whole or not at all.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the place of `cli` that replaces files"
)]

use std::fs;
use std::path::PathBuf;

/// A file with its new text.
pub(super) struct Replaced<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    /// Whether there must be no such file yet.
    pub(super) is_new: bool,
}

/// Replaces files by their new texts: all of them, or none where one cannot be written.
pub(super) fn replace(files: &[Replaced<'_>]) -> Result<(), String> {
    let mut ready: Vec<(PathBuf, PathBuf)> = Vec::new();
    for file in files {
        match stage(file) {
            Ok(paths) => ready.push(paths),
            Err(message) => {
                discard(&ready);
                return Err(message);
            }
        }
    }
    for (at, (beside, path)) in ready.iter().enumerate() {
        if let Err(error) = fs::rename(beside, path) {
            discard(&ready[at..]);
            return Err(format!("`{}` cannot be written: {error}", path.display()));
        }
    }
    Ok(())
}

/// Writes a file, whether or not there is one.
pub(super) fn put(name: &str, text: &str) -> Result<(), String> {
    let is_new = fs::symlink_metadata(name).is_err();
    replace(&[Replaced { name, text, is_new }])
}

/// Writes the text beside its file, from where it takes one step into its place.
fn stage(file: &Replaced<'_>) -> Result<(PathBuf, PathBuf), String> {
    let name = file.name;
    let refuse = |error: std::io::Error| format!("`{name}` cannot be written: {error}");
    let path = if file.is_new {
        if fs::symlink_metadata(name).is_ok() {
            return Err(format!("`{name}` cannot be written: there is such a file"));
        }
        PathBuf::from(name)
    } else {
        // A link stays one: what it points at is replaced.
        fs::canonicalize(name).map_err(refuse)?
    };
    let mut beside = path.clone().into_os_string();
    beside.push(format!(".rolecall-{}", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = fs::write(&beside, file.text).and_then(|()| match file.is_new {
        true => Ok(()),
        false => fs::set_permissions(&beside, fs::metadata(&path)?.permissions()),
    });
    match written {
        Ok(()) => Ok((beside, path)),
        Err(error) => {
            let _ = fs::remove_file(&beside);
            Err(refuse(error))
        }
    }
}

fn discard(ready: &[(PathBuf, PathBuf)]) {
    for (beside, _) in ready {
        let _ = fs::remove_file(beside);
    }
}

/// Returns a name of the file that is the same for every path that leads to it.
pub(super) fn identity(name: &str) -> PathBuf {
    fs::canonicalize(name).unwrap_or_else(|_| PathBuf::from(name))
}
