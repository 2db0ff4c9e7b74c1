//! `rolecall profiles`: lists the vendor profiles and prints what one of them requires.
//!
//! Also loads a profile, built in or from a file of one's own, for the other subcommands. Nothing
//! here judges: that is `check`'s.

mod table;

use std::io::Write as _;
use std::path::Path;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::profile::{
    BoundaryPolicy, Call, Generation, Profile, ProfileError, Requirement, Settings, Shipped,
    Template, shipped, shipped_profiles, similar_names,
};
use crate::source::line_column;

/// List the vendor profiles, or print what one of them requires.
#[derive(Debug, Args)]
pub struct ProfilesArgs {
    /// The profile: VENDOR/PROFILE, or the path of a profile.toml.
    name: Option<String>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// List the vendor profiles.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Print what a profile requires.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The profile: VENDOR/PROFILE, or the path of a profile.toml.
    name: String,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

/// Why there is no profile to work with; each is the user's to put right.
#[derive(Debug, thiserror::Error)]
pub enum ProfileFileError {
    /// No built-in profile has the name and no file the path.
    #[error("no profile `{name}`{hint}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// "did you mean", or where to look.
        hint: String,
    },
    /// The file is there and cannot be read.
    #[error("cannot read `{path}`: {cause}")]
    File {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
    /// The profile has errors.
    #[error("{report}")]
    Invalid {
        /// Each error with its place.
        report: String,
    },
}

/// A profile with the documents beside it.
#[derive(Debug)]
pub struct LoadedProfile {
    /// The profile.
    pub profile: Profile,
    /// The documents that it lists: file name and text.
    pub documents: Vec<(String, String)>,
}

/// Returns the profile with this name, or the one in this file or folder.
///
/// # Errors
///
/// There is none, it cannot be read, or it has errors.
pub fn load_profile(name: &str) -> Result<LoadedProfile, ProfileFileError> {
    if let Some(shipped) = shipped(name) {
        let profile = read_shipped(shipped)?;
        let owned = |(file, text): &(&str, &str)| ((*file).to_owned(), (*text).to_owned());
        let documents = shipped.documents.iter().map(owned).collect();
        return Ok(LoadedProfile { profile, documents });
    }
    let mut path = Path::new(name).to_path_buf();
    if path.is_dir() {
        path.push("profile.toml");
    }
    if !path.is_file() {
        return Err(unknown(name));
    }
    let (name, text) = (path.display().to_string(), read(&path)?);
    let profile = Profile::parse(&name, &text).map_err(|errors| invalid(&name, &text, &errors))?;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let mut documents = Vec::new();
    for document in &profile.documents {
        let text = read(&folder.join(&document.file))?;
        documents.push((document.file.clone(), text));
    }
    Ok(LoadedProfile { profile, documents })
}

fn unknown(name: &str) -> ProfileFileError {
    let near = similar_names(name);
    let hint = if near.is_empty() {
        "; `rolecall profiles` lists them; a path to a profile.toml works too".to_owned()
    } else {
        format!("; did you mean `{}`?", near.join("` or `"))
    };
    ProfileFileError::Unknown {
        name: name.to_owned(),
        hint,
    }
}

fn read_shipped(shipped: &Shipped) -> Result<Profile, ProfileFileError> {
    Profile::of(shipped).map_err(|errors| invalid(shipped.name, shipped.text, &errors))
}

fn invalid(name: &str, text: &str, errors: &[ProfileError]) -> ProfileFileError {
    ProfileFileError::Invalid {
        report: error_report(name, text, errors),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is `cli`, which reads files"
)]
fn read(path: &Path) -> Result<String, ProfileFileError> {
    std::fs::read_to_string(path).map_err(|error| ProfileFileError::File {
        path: path.display().to_string(),
        cause: error.to_string(),
    })
}

/// Returns every error of a profile with its place.
#[must_use]
pub fn error_report(name: &str, text: &str, errors: &[ProfileError]) -> String {
    let mut lines = vec![format!("{name} has {} errors", errors.len())];
    if errors.len() == 1 {
        lines = vec![format!("{name} has an error")];
    }
    for error in errors {
        let at = line_column(text, error.span.start);
        lines.push(format!(
            "{name}:{}:{}: {}",
            at.line, at.column, error.message
        ));
        if !error.help.is_empty() {
            lines.push(format!("  help: {}", error.help));
        }
    }
    lines.join("\n")
}

/// Runs the subcommand and returns the exit code: 0, or 2 for wrong use.
#[must_use]
pub fn run(args: &ProfilesArgs) -> u8 {
    match &args.name {
        Some(name) => show(name, args.format),
        None => list(args.format),
    }
}

/// Runs `profile list` and returns the exit code.
#[must_use]
pub fn run_list(args: &ListArgs) -> u8 {
    list(args.format)
}

/// Runs `profile show` and returns the exit code: 0, or 2 for wrong use.
#[must_use]
pub fn run_show(args: &ShowArgs) -> u8 {
    show(&args.name, args.format)
}

fn show(name: &str, format: Format) -> u8 {
    let loaded = match load_profile(name) {
        Ok(loaded) => loaded,
        Err(error) => return complain(&error),
    };
    match format {
        Format::Text => print(&table::profile_text(&loaded.profile)),
        Format::Json => print(&format!("{:#}\n", profile_json(&loaded.profile))),
    }
}

fn list(format: Format) -> u8 {
    let mut profiles = Vec::new();
    for shipped in shipped_profiles() {
        match read_shipped(shipped) {
            Ok(profile) => profiles.push(profile),
            Err(error) => return complain(&error),
        }
    }
    match format {
        Format::Text => print(&table::list_text(&profiles)),
        Format::Json => {
            let entries: Vec<Value> = profiles.iter().map(head_json).collect();
            print(&format!(
                "{:#}\n",
                json!({ "version": 1, "profiles": entries })
            ))
        }
    }
}

fn print(text: &str) -> u8 {
    // A closed pipe (`| head`) is no failure of ours.
    let _ = anstream::stdout().write_all(text.as_bytes());
    0
}

fn complain(error: &ProfileFileError) -> u8 {
    let _ = writeln!(anstream::stderr(), "error: {error}");
    2
}

/// Returns settings with every feature on, so that a table shows every call.
fn everything(profile: &Profile) -> Settings {
    let features = profile.features.iter().map(|it| (it.name.clone(), true));
    Settings {
        features: features.collect(),
        ..Settings::default()
    }
}

/// Returns the derived calls of one requirement, each id once, in order.
fn derived<'c>(calls: &'c [Call], requirement: &Requirement) -> Vec<&'c Call> {
    let mut derived: Vec<&Call> = Vec::new();
    for call in calls {
        let is_new = !derived.iter().any(|it| it.id == call.id);
        if call.derived_from.as_deref() == Some(&requirement.id) && is_new {
            derived.push(call);
        }
    }
    derived
}

fn head_json(profile: &Profile) -> Value {
    json!({
        "name": profile.name,
        "title": profile.title,
        "summary": profile.summary,
        "default_actor": profile.default_actor,
        "requirements": profile.requirements.len(),
        "source": {
            "document": profile.source.document,
            "publisher": profile.source.publisher,
            "revision": profile.source.revision,
            "retrieved": profile.source.retrieved,
            "notes": profile.source.notes,
        },
    })
}

fn profile_json(profile: &Profile) -> Value {
    // Variables of a profile of one's own may lack values: then derived calls are not shown.
    let calls = profile.calls(&everything(profile)).unwrap_or_default();
    let phases: Vec<Value> = profile
        .phases
        .iter()
        .map(|phase| {
            let rows = profile
                .requirements
                .iter()
                .filter(|it| it.phase == phase.name);
            json!({
                "name": phase.name,
                "title": phase.title,
                "until": phase.until.map(crate::profile::Until::as_str),
                "minute": phase.minute,
                "requirements": rows.map(|it| requirement_json(it, &calls)).collect::<Vec<_>>(),
            })
        })
        .collect();
    let features = profile.features.iter().map(|it| {
        json!({
            "name": it.name,
            "title": it.title,
            "default": it.default,
            "description": it.description,
        })
    });
    let variables = profile.variables.iter().map(|it| {
        json!({
            "name": it.name,
            "type": it.kind.word(),
            "default": it.default,
            "description": it.description,
        })
    });
    let actors = profile.actors.iter().map(|it| {
        json!({
            "name": it.name,
            "kind": it.kind.as_str(),
            "principal": it.principal.written(),
            "title": it.title,
            "made_by": it.made_by.map(crate::profile::MadeBy::as_str),
            "object": it.object,
            "attached": it.attached.iter().map(Template::written).collect::<Vec<_>>(),
        })
    });
    let documents = profile.documents.iter().map(|it| {
        json!({
            "file": it.file,
            "kind": it.kind,
            "actor": it.actor,
            "published": it.published,
            "title": it.title,
        })
    });
    json!({
        "version": 1,
        "profile": head_json(profile),
        "phases": phases,
        "must_not": must_not_json(profile),
        "features": features.collect::<Vec<_>>(),
        "variables": variables.collect::<Vec<_>>(),
        "actors": actors.collect::<Vec<_>>(),
        "generate": profile.generation.as_ref().map(generation_json),
        "documents": documents.collect::<Vec<_>>(),
    })
}

fn generation_json(generation: &Generation) -> Value {
    let boundary =
        |it: &BoundaryPolicy| json!({ "variable": it.variable, "policy": it.policy.written() });
    json!({
        "name": generation.name.written(),
        "path": generation.path.written(),
        "boundary": boundary(&generation.boundary),
        "workload_boundary": generation.workload_boundary.as_ref().map(boundary),
    })
}

fn must_not_json(profile: &Profile) -> Vec<Value> {
    // Variables of a profile of one's own may lack values: then families are not shown.
    let forbidden = profile.must_not(&everything(profile)).unwrap_or_default();
    let rows = profile.must_nots.iter().map(|row| {
        let family = forbidden.iter().find(|it| it.id == row.id);
        let family = family.and_then(|it| serde_json::from_str::<Value>(&it.text).ok());
        json!({
            "id": row.id,
            "class": row.class.id,
            "class_title": row.class.title,
            "title": row.title,
            "feature": row.feature,
            "actor": row.actor,
            "why": row.why,
            "evidence": row.evidence,
            "included_from": row.from,
            "family": family,
        })
    });
    rows.collect()
}

fn requirement_json(requirement: &Requirement, calls: &[Call]) -> Value {
    let uses = requirement.targets.uses().iter();
    let derived = derived(calls, requirement);
    json!({
        "id": requirement.id,
        "action": requirement.action,
        "resources": uses.map(|it| it.written()).collect::<Vec<_>>(),
        "each": matches!(requirement.targets, crate::profile::Targets::Each(_)),
        "feature": requirement.feature,
        "with": requirement.with,
        "strength": requirement.strength.as_str(),
        "actor": requirement.actor,
        "tool": requirement.tool.as_str(),
        "alternative": requirement.alternative,
        "why": requirement.why,
        "breaks": requirement.breaks,
        "evidence": requirement.evidence,
        "included_from": requirement.from,
        "derived": derived.iter().map(|it| json!({
            "id": it.id,
            "action": it.action,
            "why": it.why,
            "breaks": it.breaks,
            "evidence": it.evidence,
        })).collect::<Vec<_>>(),
    })
}
