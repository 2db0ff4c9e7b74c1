//! Opens what the user named: files and standard input.
//!
//! Reads at most one byte more than `read` accepts, so that a file of any size, or a pipe without
//! an end, takes bounded memory. What is in the bytes is `read`'s business.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the place of `cli` that reads files"
)]

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::read::MAX_BYTES;

/// The name that stands for standard input on the command line.
pub const STDIN: &str = "-";

/// A text that the user named.
#[derive(Debug)]
pub struct Input {
    /// The path as the user gave it, or `<stdin>`.
    pub name: String,
    /// Its bytes; more than [`MAX_BYTES`] of them mean that there were still others.
    pub bytes: Vec<u8>,
}

/// Why a text could not be opened. All of these are for the user to put right.
#[derive(Debug, Error)]
pub enum InputError {
    /// The user named a file that is not there.
    #[error("there is no file `{}`{}", path.display(), did_you_mean(similar.as_deref()))]
    Missing {
        /// The path as the user gave it.
        path: PathBuf,
        /// A file beside it with a similar name.
        similar: Option<PathBuf>,
    },
    /// The user named a folder where a file was expected.
    #[error("`{}` is a folder: name the files in it", path.display())]
    Folder {
        /// The path as the user gave it.
        path: PathBuf,
    },
    /// The user, or the system, does not let us read the file.
    #[error("`{}` cannot be read: {error}", path.display())]
    Unreadable {
        /// The path as the user gave it, or `-`.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
}

/// Reads the file of this name, or standard input for `-`.
///
/// # Errors
///
/// When there is no such file or the system does not let us read it.
pub fn open(name: &str) -> Result<Input, InputError> {
    let path = Path::new(name);
    if name == STDIN {
        let bytes = bounded(io::stdin().lock()).map_err(|error| unreadable(path, error))?;
        return Ok(Input {
            name: "<stdin>".into(),
            bytes,
        });
    }
    let bytes = bounded(file(name)?).map_err(|error| unreadable(path, error))?;
    Ok(Input {
        name: name.into(),
        bytes,
    })
}

/// Opens the file of this name, for callers that read it piece by piece.
///
/// # Errors
///
/// When there is no such file or the system does not let us open it.
pub fn file(name: &str) -> Result<File, InputError> {
    let path = Path::new(name);
    let file = File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => InputError::Missing {
            path: path.into(),
            similar: similar(path),
        },
        _ => unreadable(path, error),
    })?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(InputError::Folder { path: path.into() });
    }
    Ok(file)
}

fn bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: io::Error) -> InputError {
    InputError::Unreadable {
        path: path.into(),
        error,
    }
}

/// Returns the file in the same folder whose name is most like that of a missing one.
fn similar(path: &Path) -> Option<PathBuf> {
    /// Looking through more than this takes longer than the user's next attempt.
    const MOST_FILES: usize = 1000;
    let wanted = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or_else(|| Path::new("."))).ok()?;
    let mut names: Vec<_> = entries
        .take(MOST_FILES)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .map(|name| (strsim::osa_distance(wanted, &name), name))
        .collect();
    names.sort();
    let (distance, name) = names.into_iter().next()?;
    let is_near = distance <= 1 + wanted.chars().count() / 5;
    is_near.then(|| path.with_file_name(name))
}

fn did_you_mean(similar: Option<&Path>) -> String {
    similar.map_or_else(String::new, |path| {
        format!(": did you mean `{}`?", path.display())
    })
}

/// Makes a text safe to print, line by line.
pub(super) fn lines_visible(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(crate::report::text::visible).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(name: &str) -> String {
        open(name).unwrap_err().to_string()
    }

    #[test]
    fn opens_files_and_says_what_is_wrong() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/read");
        let name = |file: &str| folder.join(file).to_str().unwrap().to_owned();
        let input = open(&name("array-empty.json")).unwrap();
        assert_eq!(
            (input.name, input.bytes),
            (name("array-empty.json"), b"[]\n".to_vec())
        );
        assert!(error(&name("get-rol.json")).ends_with("get-role.json`?"));
        let missing = error(&name("nothing/like/this.txt"));
        assert!(missing.starts_with("there is no file `") && missing.ends_with("this.txt`"));
        assert!(error(folder.to_str().unwrap()).ends_with("is a folder: name the files in it"));
    }

    #[test]
    fn stops_reading_past_the_limit() {
        assert_eq!(bounded(io::repeat(b' ')).unwrap().len(), MAX_BYTES + 1);
    }
}
