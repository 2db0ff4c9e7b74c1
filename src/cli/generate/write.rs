//! Writes a folder: every file whole, or none.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the place of `cli generate` that writes files"
)]

use std::fs;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::emit::File;

/// The page for a reviewer.
pub(in crate::cli) const ACCESS: &str = "access.md";

/// The proof.
pub(in crate::cli) const PROOF: &str = "proof.json";

/// Writes the files, and removes those of an earlier run that are no longer among them.
pub(in crate::cli) fn write(
    folder: &str,
    files: &[File],
    access: &str,
    proof: &str,
) -> Result<(), String> {
    let root = Path::new(folder);
    let mut all: Vec<(&str, &str)> = files.iter().map(|it| (&*it.path, &*it.text)).collect();
    all.push((ACCESS, access));
    // The proof goes last: it tells which files there are.
    all.push((PROOF, proof));
    // Before anything is written: what could only be seen half-way otherwise.
    if let Some((name, _)) = all.iter().find(|(name, _)| root.join(name).is_dir()) {
        return Err(format!(
            "`{folder}` cannot be written: a folder stands where the file `{name}` goes\n\
             help: move it away, or name another folder"
        ));
    }
    let before = listed(root);
    let mut written: Vec<(PathBuf, PathBuf)> = Vec::new();
    let beside = format!(".rolecall-{}", std::process::id());
    let result = all.iter().try_for_each(|(name, text)| {
        let path = root.join(name);
        let parent = path.parent().unwrap_or(root);
        fs::create_dir_all(parent)?;
        let mut partial = path.clone().into_os_string();
        partial.push(&beside);
        let partial = PathBuf::from(partial);
        written.push((partial.clone(), path));
        fs::write(&partial, text)
    });
    let result = result.and_then(|()| replace(&written));
    if let Err(error) = result {
        for (partial, _) in &written {
            let _ = fs::remove_file(partial);
        }
        return Err(format!("`{folder}` cannot be written: {error}"));
    }
    for name in before {
        if !all.iter().any(|(known, _)| *known == name) {
            let _ = fs::remove_file(root.join(name));
        }
    }
    Ok(())
}

/// Puts every file in its place; where one fails, those before it are as they were.
fn replace(written: &[(PathBuf, PathBuf)]) -> std::io::Result<()> {
    let mut before: Vec<(&Path, Option<Vec<u8>>)> = Vec::new();
    for (partial, path) in written {
        let known = match path.exists() {
            true => fs::read(path).map(Some),
            false => Ok(None),
        };
        let placed = known.and_then(|known| fs::rename(partial, path).map(|()| known));
        let known = match placed {
            Ok(known) => known,
            Err(error) => {
                for (path, text) in before {
                    let _ = match text {
                        Some(text) => fs::write(path, text),
                        None => fs::remove_file(path),
                    };
                }
                return Err(error);
            }
        };
        before.push((path, known));
    }
    Ok(())
}

/// The files that an earlier run wrote, as its proof lists them; nothing outside the folder.
fn listed(root: &Path) -> Vec<String> {
    let text = fs::read_to_string(root.join(PROOF)).unwrap_or_default();
    let Ok(proof) = serde_json::from_str::<Value>(&text) else {
        return Vec::new();
    };
    let is_ours = proof["schema"].as_str() == Some("rolecall/proof/v1");
    let names = proof["files"]
        .as_array()
        .filter(|_| is_ours)
        .into_iter()
        .flatten();
    names
        .filter_map(Value::as_str)
        .filter(|name| {
            let mut parts = Path::new(name).components();
            parts.all(|it| matches!(it, Component::Normal(_)))
        })
        .map(str::to_owned)
        .collect()
}
