//! Which files to look at: those that are named, and in folders whatever may hold a policy.
//!
//! The content decides, not the name: a file in a folder is read if it begins like JSON, or like
//! URL-encoded JSON, and has the word `Statement` in it.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the place of `cli lint` that walks folders and reads files"
)]

use std::path::{Path, PathBuf};

use super::settings::{Found, Lookup};
use super::{LintArgs, output};
use crate::cli::input::{self, STDIN};
use crate::finding::Finding;
use crate::read;
use crate::source::{FileId, Sources};

/// A file to look at.
pub(super) struct Listed {
    pub(super) file: FileId,
    pub(super) name: String,
    pub(super) is_named: bool,
    pub(super) settings: Found,
    pub(super) path: String,
}

/// What was found where the user pointed.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) files: Vec<Listed>,
    pub(super) unread: Vec<Finding>,
    pub(super) skipped: usize,
}

/// Files in folders that are longer than this hold something else; one may be named, though.
const LONGEST_IN_FOLDER: u64 = 8 * 1024 * 1024;

/// Finds and reads the files.
pub(super) fn list(
    args: &LintArgs,
    lookup: &mut Lookup,
    sources: &mut Sources,
) -> Result<Listing, String> {
    let mut listing = Listing::default();
    let here = [String::from(".")];
    let paths = if args.paths.is_empty() {
        &here
    } else {
        args.paths.as_slice()
    };
    let mut seen = std::collections::BTreeSet::new();
    let mut stdin_is_read = false;
    for path in paths {
        if path == STDIN {
            if std::mem::replace(&mut stdin_is_read, true) {
                return Err("standard input (`-`) can be read once only".into());
            }
            named(args, path, lookup, sources, &mut listing)?;
        } else if Path::new(path).is_dir() {
            for found in walk(path, args) {
                if seen.insert(found.clone()) {
                    in_folder(&found, lookup, sources, &mut listing);
                }
            }
        } else if seen.insert(PathBuf::from(path)) {
            named(args, path, lookup, sources, &mut listing)?;
        }
    }
    Ok(listing)
}

/// Reads a file that the user named.
fn named(
    args: &LintArgs,
    path: &str,
    lookup: &mut Lookup,
    sources: &mut Sources,
    listing: &mut Listing,
) -> Result<(), String> {
    let input = input::open(path).map_err(|it| it.to_string())?;
    let name = match (&args.stdin_filename, path) {
        (Some(name), STDIN) => name.clone(),
        _ => input.name,
    };
    add(&name, input.bytes, true, lookup, sources, listing);
    Ok(())
}

/// Reads a file of a folder, if it may hold a policy.
fn in_folder(path: &Path, lookup: &mut Lookup, sources: &mut Sources, listing: &mut Listing) {
    let name = path.display().to_string();
    let name = name.strip_prefix("./").unwrap_or(&name);
    let is_long = std::fs::metadata(path).is_ok_and(|it| it.len() > LONGEST_IN_FOLDER);
    if is_long {
        listing.skipped += 1;
        return;
    }
    match std::fs::read(path) {
        Ok(bytes) if may_hold_policy(&bytes) => add(name, bytes, false, lookup, sources, listing),
        Ok(_) => listing.skipped += 1,
        Err(error) => {
            let file = sources.add(name, "");
            listing.unread.push(output::unreadable(file, &error));
        }
    }
}

fn add(
    name: &str,
    bytes: Vec<u8>,
    is_named: bool,
    lookup: &mut Lookup,
    sources: &mut Sources,
    listing: &mut Listing,
) {
    let (settings, path) = lookup.find(name, sources);
    if !is_named && lookup.get(settings).exclude.is_match(&path) {
        listing.skipped += 1;
        return;
    }
    // What is no text is a finding of `read`, in which the bytes are not needed any more.
    let file = match String::from_utf8(bytes) {
        Ok(text) if text.len() <= read::MAX_BYTES => sources.add(name, text),
        Ok(_) => {
            let mut reading = read::too_large(sources, name);
            listing.unread.append(&mut reading.unread);
            return;
        }
        Err(error) => {
            let mut reading = read::read(sources, name, error.into_bytes(), &mut |_| {});
            listing.unread.append(&mut reading.unread);
            return;
        }
    };
    listing.files.push(Listed {
        file,
        name: name.to_owned(),
        is_named,
        settings,
        path,
    });
}

fn may_hold_policy(bytes: &[u8]) -> bool {
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let first = start.iter().find(|it| !it.is_ascii_whitespace());
    let is_json = matches!(first, Some(b'{' | b'[' | b'"' | b'%' | b'/'));
    is_json && bytes.windows(9).any(|it| it == b"Statement")
}

/// Returns the files below a folder, sorted, without those that `.gitignore` names.
fn walk(folder: &str, args: &LintArgs) -> Vec<PathBuf> {
    let mut builder = ignore::WalkBuilder::new(folder);
    builder
        .standard_filters(!args.no_gitignore)
        .require_git(false)
        // Policies lie in `.github` and the like, too; git's own folder never holds one.
        .hidden(false)
        .filter_entry(|it| it.file_name() != ".git");
    let mut found: Vec<PathBuf> = builder
        .build()
        .filter_map(Result::ok)
        .filter(|it| it.file_type().is_some_and(|it| it.is_file()))
        .map(ignore::DirEntry::into_path)
        .collect();
    found.sort();
    found
}
