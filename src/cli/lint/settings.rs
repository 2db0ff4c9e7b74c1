//! Which settings hold for a file: the nearest `rolecall.toml` from its folder upwards.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the place of `cli lint` that reads settings files"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustc_hash::FxHashMap;

use super::{LintArgs, Work};
use crate::cli::revision;
use crate::config::{FILE_NAME, FailOn, Settings};
use crate::finding::Finding;
use crate::source::Sources;

/// Settings that were found, by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found(usize);

/// Finds and keeps settings.
pub(super) struct Lookup {
    found: Vec<Kept>,
    folders: FxHashMap<PathBuf, Found>,
    mistakes: Vec<Finding>,
    mode: Mode,
}

struct Kept {
    settings: Settings,
    /// Where they stand; `None`: nowhere, these are the defaults.
    place: Option<String>,
    folder: PathBuf,
}

enum Mode {
    Nearest,
    /// The defaults, or the file of `--config`, for every policy.
    Fixed,
    /// The nearest one of a git revision; the folder is the root of the repository.
    Revision(String, PathBuf),
}

impl Lookup {
    pub(super) fn new(args: &LintArgs, sources: &mut Sources) -> Result<Self, String> {
        let mode = match &args.config_from {
            Some(revision) => Mode::Revision(revision.clone(), repository(revision)?),
            None if args.isolated || args.config.is_some() => Mode::Fixed,
            None => Mode::Nearest,
        };
        let here = std::path::absolute(".").map_err(|it| it.to_string())?;
        let mut lookup = Self {
            found: vec![Kept {
                settings: Settings::default(),
                place: None,
                folder: here,
            }],
            folders: FxHashMap::default(),
            mistakes: Vec::new(),
            mode,
        };
        if let Some(name) = &args.config {
            let path = std::path::absolute(name).map_err(|it| it.to_string())?;
            let text = std::fs::read_to_string(&path).map_err(|it| format!("`{name}`: {it}"))?;
            let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
            let before = lookup.found.len();
            lookup.keep(name, &text, folder, sources);
            if lookup.found.len() > before {
                lookup.found.swap_remove(0);
            }
        }
        Ok(lookup)
    }

    /// Returns the settings for a file, and the file's path relative to their folder.
    pub(super) fn find(&mut self, name: &str, sources: &mut Sources) -> (Found, String) {
        let path = std::path::absolute(name).unwrap_or_else(|_| PathBuf::from(name));
        let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
        let found = match self.mode {
            Mode::Fixed => Found(0),
            _ => self.nearest(&folder, sources),
        };
        let home = &self.found[found.0].folder;
        let relative = path.strip_prefix(home).unwrap_or(&path);
        let relative = relative.to_string_lossy().replace('\\', "/");
        (found, relative)
    }

    fn nearest(&mut self, folder: &Path, sources: &mut Sources) -> Found {
        if let Some(known) = self.folders.get(folder) {
            return *known;
        }
        let own = self.own(folder, sources);
        let found = own.unwrap_or_else(|| match folder.parent() {
            Some(parent) => self.nearest(parent, sources),
            None => Found(0),
        });
        self.folders.insert(folder.to_owned(), found);
        found
    }

    /// Returns the settings in this very folder.
    fn own(&mut self, folder: &Path, sources: &mut Sources) -> Option<Found> {
        let (name, text) = match &self.mode {
            Mode::Revision(revision, root) => {
                let inside = folder.strip_prefix(root).ok()?.join(FILE_NAME);
                let name = format!("{revision}:{}", inside.to_string_lossy().replace('\\', "/"));
                let input = revision::read(&name).ok()?;
                (name, String::from_utf8_lossy(&input.bytes).into_owned())
            }
            _ => {
                let path = folder.join(FILE_NAME);
                let text = std::fs::read_to_string(&path).ok()?;
                let here = std::path::absolute(".").unwrap_or_default();
                let shown = path.strip_prefix(&here).unwrap_or(&path);
                (shown.display().to_string(), text)
            }
        };
        Some(self.keep(&name, &text, folder.to_owned(), sources))
    }

    fn keep(&mut self, name: &str, text: &str, folder: PathBuf, sources: &mut Sources) -> Found {
        let file = sources.add(name, text);
        match Settings::parse(text, file) {
            Ok(settings) => {
                self.found.push(Kept {
                    settings,
                    place: Some(name.to_owned()),
                    folder,
                });
                Found(self.found.len() - 1)
            }
            Err(mistakes) => {
                self.mistakes.extend(mistakes);
                Found(0)
            }
        }
    }

    pub(super) fn get(&self, found: Found) -> &Settings {
        &self.found[found.0].settings
    }

    /// Returns every settings file in use.
    pub(super) fn all(&self) -> impl Iterator<Item = Found> + use<> {
        (0..self.found.len()).map(Found)
    }

    pub(super) fn mistakes(&self) -> Option<Vec<Finding>> {
        (!self.mistakes.is_empty()).then(|| self.mistakes.clone())
    }

    /// Returns the text of a file beside the settings: of the revision, where one was named.
    pub(super) fn text_of(&self, name: &str) -> Result<String, String> {
        let bytes = match &self.mode {
            Mode::Revision(revision, root) => {
                let path = std::path::absolute(name).map_err(|it| it.to_string())?;
                let inside = path.strip_prefix(root).unwrap_or(&path);
                let name = format!("{revision}:{}", inside.to_string_lossy().replace('\\', "/"));
                revision::read(&name).map_err(|it| it.to_string())?.bytes
            }
            _ => std::fs::read(name).map_err(|it| format!("`{name}`: {it}"))?,
        };
        String::from_utf8(bytes).map_err(|_| format!("`{name}` is not UTF-8"))
    }
}

/// Returns the root of the repository, if it has the revision.
fn repository(revision: &str) -> Result<PathBuf, String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(arguments)
            .env("LC_ALL", "C")
            .output();
        match output {
            Ok(output) if output.status.success() => {
                Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
            }
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(format!("`git` cannot be started: {error}")),
        }
    };
    if revision.starts_with('-') {
        return Err(format!("`{revision}` is no revision"));
    }
    let commit = format!("{revision}^{{commit}}");
    git(&["rev-parse", "--verify", "--quiet", &commit])
        .map_err(|it| format!("`--config-from`: git has no revision `{revision}` {it}"))?;
    git(&["rev-parse", "--show-toplevel"]).map(PathBuf::from)
}

/// Says which settings hold for which files.
pub(super) fn shown(args: &LintArgs, works: &[Work], lookup: &Lookup) -> String {
    let mut out = String::new();
    for work in works {
        let kept = &lookup.found[work.settings.0];
        let settings = &kept.settings;
        let selection = settings.selection_for(&work.path);
        let persona = args.persona.unwrap_or(selection.persona);
        let fail_on = args.fail_on.or(settings.fail_on);
        let _ = writeln!(out, "{}", crate::report::text::visible(&work.name));
        let _ = writeln!(
            out,
            "  settings: {}",
            kept.place.as_deref().unwrap_or("none: the defaults")
        );
        let _ = writeln!(
            out,
            "  kind: {}",
            work.kind.map_or("by content", crate::policy::Kind::as_str)
        );
        let _ = writeln!(out, "  persona: {}", persona.as_str());
        let _ = writeln!(
            out,
            "  fail-on: {}",
            fail_on.map_or("security-warning", FailOn::as_str)
        );
        let names: Vec<&str> = work
            .selected
            .rules
            .iter()
            .map(|(it, _)| it.meta.name)
            .collect();
        let _ = writeln!(
            out,
            "  rules: {} of {}",
            names.len(),
            crate::rule::rules().len()
        );
        let off: Vec<&str> = crate::rule::rules()
            .iter()
            .map(|it| it.meta.name)
            .filter(|it| !names.contains(it))
            .collect();
        let _ = writeln!(
            out,
            "  off: {}",
            if off.is_empty() {
                "none".into()
            } else {
                off.join(", ")
            }
        );
        let suppressions = &settings.suppressions;
        let _ = writeln!(
            out,
            "  suppressions: {}, malformed: {}",
            suppressions.entries.len(),
            suppressions.malformed.len()
        );
    }
    out
}
