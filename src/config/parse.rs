//! Reads `rolecall.toml`.

use std::collections::BTreeMap;

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;
use toml::Spanned;

use super::suppress::{self, Entry, Suppressions};
use crate::finding::{Finding, FindingType};
use crate::policy::Kind;
use crate::rule::{Lists, Persona, RequiredCondition, Selection, unknown};
use crate::source::{FileId, Location, Span};

/// What a settings file says. Path patterns are relative to its folder.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Which rules run where nothing else is said.
    pub selection: Selection,
    /// From which type on a finding fails the run; `None`: the default.
    pub fail_on: Option<FailOn>,
    /// Paths to leave alone.
    pub exclude: GlobSet,
    /// Which rules run below some paths; later ones win.
    pub paths: Vec<PathRules>,
    /// The kind of policies below some paths; later ones win.
    pub kinds: Vec<(GlobSet, Kind)>,
    /// What the team says of itself.
    pub lists: Lists,
    /// What is not to be said.
    pub suppressions: Suppressions,
}

/// When a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// Over findings of this type and more severe ones.
    Type(FindingType),
    /// Over no finding.
    Never,
}

/// Which rules run below some paths.
#[derive(Clone, Debug)]
pub struct PathRules {
    /// The paths.
    pub paths: GlobSet,
    /// Rules that run too.
    pub select: Vec<String>,
    /// Rules that do not run.
    pub ignore: Vec<String>,
    /// Types that differ.
    pub types: Vec<(String, FindingType)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    persona: Option<Spanned<String>>,
    #[serde(default)]
    select: Vec<Spanned<String>>,
    #[serde(default)]
    ignore: Vec<Spanned<String>>,
    fail_on: Option<Spanned<String>>,
    #[serde(default)]
    exclude: Vec<Spanned<String>>,
    #[serde(default)]
    severity: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    path: Vec<PathTable>,
    #[serde(default)]
    kind: Vec<KindTable>,
    #[serde(default)]
    lists: ListsTable,
    #[serde(default)]
    suppress: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PathTable {
    paths: Vec<Spanned<String>>,
    #[serde(default)]
    select: Vec<Spanned<String>>,
    #[serde(default)]
    ignore: Vec<Spanned<String>>,
    #[serde(default)]
    severity: BTreeMap<Spanned<String>, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct KindTable {
    paths: Vec<Spanned<String>>,
    kind: Spanned<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ListsTable {
    #[serde(default)]
    trusted_accounts: Vec<Spanned<String>>,
    #[serde(default)]
    trusted_organizations: Vec<Spanned<String>>,
    #[serde(default)]
    forbidden_actions: Vec<String>,
    #[serde(default)]
    sensitive_resources: Vec<String>,
    #[serde(default)]
    forbidden_condition_keys: Vec<String>,
    #[serde(default)]
    blocked_principals: Vec<String>,
    #[serde(default)]
    required_condition: Vec<RequiredTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RequiredTable {
    actions: Vec<String>,
    keys: Vec<String>,
}

impl Settings {
    /// Reads a settings file.
    ///
    /// # Errors
    ///
    /// Every mistake in it as a finding with its place, mistakes in suppressions aside.
    pub fn parse(text: &str, file: FileId) -> Result<Self, Vec<Finding>> {
        let mut reader = Reader {
            file,
            mistakes: Vec::new(),
        };
        let raw: File = match toml::from_str(text) {
            Ok(raw) => raw,
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                reader.mistake(
                    span,
                    error.message().trim_end_matches('.').to_owned(),
                    "see `rolecall help lint` for what a settings file may say".to_owned(),
                );
                return Err(reader.mistakes);
            }
        };
        let settings = reader.settings(raw);
        if reader.mistakes.is_empty() {
            Ok(settings)
        } else {
            Err(reader.mistakes)
        }
    }

    /// Returns which rules run on a file; the path is relative to the folder of the settings.
    #[must_use]
    pub fn selection_for(&self, path: &str) -> Selection {
        let mut selection = self.selection.clone();
        for rules in self.paths.iter().filter(|it| it.paths.is_match(path)) {
            if !selection.select.is_empty() {
                selection.select.extend(rules.select.iter().cloned());
            }
            selection.ignore.retain(|it| !rules.select.contains(it));
            selection.ignore.extend(rules.ignore.iter().cloned());
            selection.types.extend(rules.types.iter().cloned());
        }
        selection
    }

    /// Returns the kind of the policies in a file, where the settings say it.
    #[must_use]
    pub fn kind_of(&self, path: &str) -> Option<Kind> {
        let mut kinds = self.kinds.iter().rev();
        kinds
            .find(|(paths, _)| paths.is_match(path))
            .map(|(_, kind)| *kind)
    }
}

struct Reader {
    file: FileId,
    mistakes: Vec<Finding>,
}

impl Reader {
    fn mistake(&mut self, span: std::ops::Range<usize>, message: String, help: String) {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let location = Location {
            file: self.file,
            span: Span::new(place(span.start), place(span.end)),
        };
        self.mistakes.push(
            Finding::new("settings", FindingType::Error, location, message)
                .why("nothing was checked: with other settings the answer may differ")
                .help(help),
        );
    }

    fn settings(&mut self, raw: File) -> Settings {
        let persona = raw.persona.and_then(|it| {
            let known = Persona::parse(it.get_ref());
            if known.is_none() {
                let names: Vec<&str> = Persona::ALL.iter().map(|it| it.as_str()).collect();
                self.word(&it, "persona", &names);
            }
            known
        });
        Settings {
            selection: Selection {
                persona: persona.unwrap_or_default(),
                select: self.rules(raw.select),
                ignore: self.rules(raw.ignore),
                types: self.types(raw.severity),
            },
            fail_on: raw.fail_on.and_then(|it| self.fail_on(&it)),
            exclude: self.globs(&raw.exclude),
            paths: raw.path.into_iter().map(|it| self.path(it)).collect(),
            kinds: raw
                .kind
                .into_iter()
                .filter_map(|it| {
                    let paths = self.globs(&it.paths);
                    let kind = Kind::parse(it.kind.get_ref());
                    if kind.is_none() {
                        let names: Vec<&str> = Kind::ALL.iter().map(|it| it.as_str()).collect();
                        self.word(&it.kind, "kind", &names);
                    }
                    Some((paths, kind?))
                })
                .collect(),
            lists: self.lists(raw.lists),
            suppressions: suppress::read(raw.suppress, self.file),
        }
    }

    fn path(&mut self, raw: PathTable) -> PathRules {
        PathRules {
            paths: self.globs(&raw.paths),
            select: self.rules(raw.select),
            ignore: self.rules(raw.ignore),
            types: self.types(raw.severity),
        }
    }

    fn rules(&mut self, names: Vec<Spanned<String>>) -> Vec<String> {
        for name in &names {
            self.rule(name);
        }
        names.into_iter().map(Spanned::into_inner).collect()
    }

    fn rule(&mut self, name: &Spanned<String>) {
        let Some(unknown) = unknown(name.get_ref()) else {
            return;
        };
        let help = match unknown.similar {
            Some(similar) => format!("did you mean `{similar}`?"),
            None => "`rolecall rules` lists the rules".to_owned(),
        };
        self.mistake(
            name.span(),
            format!("there is no rule `{}`", unknown.name),
            help,
        );
    }

    fn types(
        &mut self,
        raw: BTreeMap<Spanned<String>, Spanned<String>>,
    ) -> Vec<(String, FindingType)> {
        let mut types = Vec::new();
        for (name, word) in raw {
            self.rule(&name);
            match FindingType::ALL
                .into_iter()
                .find(|it| it.as_str() == word.get_ref())
            {
                Some(known) => types.push((name.into_inner(), known)),
                None => self.word(
                    &word,
                    "type of finding",
                    &FindingType::ALL.map(FindingType::as_str),
                ),
            }
        }
        types
    }

    fn fail_on(&mut self, word: &Spanned<String>) -> Option<FailOn> {
        let known = FailOn::parse(word.get_ref());
        if known.is_none() {
            let mut names = FindingType::ALL.map(FindingType::as_str).to_vec();
            names.push("never");
            self.word(word, "threshold", &names);
        }
        known
    }

    fn word(&mut self, word: &Spanned<String>, what: &str, known: &[&str]) {
        self.mistake(
            word.span(),
            format!("there is no {what} `{}`", word.get_ref()),
            format!("write one of `{}`", known.join("`, `")),
        );
    }

    fn globs(&mut self, patterns: &[Spanned<String>]) -> GlobSet {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            match Glob::new(pattern.get_ref()) {
                Ok(glob) => drop(set.add(glob)),
                Err(error) => self.mistake(
                    pattern.span(),
                    format!(
                        "`{}` is not a path pattern: {}",
                        pattern.get_ref(),
                        error.kind()
                    ),
                    "`*` and `**` stand for parts of a path, `{a,b}` for either".to_owned(),
                ),
            }
        }
        set.build().unwrap_or_default()
    }

    fn lists(&mut self, raw: ListsTable) -> Lists {
        for account in &raw.trusted_accounts {
            if !crate::arn::is_account_id(account.get_ref()) {
                let message = format!("`{}` is not an account id", account.get_ref());
                self.mistake(
                    account.span(),
                    message,
                    "an account id has twelve digits; put it in quotes".to_owned(),
                );
            }
        }
        for organization in &raw.trusted_organizations {
            if !organization.get_ref().starts_with("o-") {
                let message = format!(
                    "`{}` is not the id of an organization",
                    organization.get_ref()
                );
                self.mistake(
                    organization.span(),
                    message,
                    "it starts with `o-`".to_owned(),
                );
            }
        }
        let own =
            |texts: Vec<Spanned<String>>| texts.into_iter().map(Spanned::into_inner).collect();
        Lists {
            trusted_accounts: own(raw.trusted_accounts),
            trusted_organizations: own(raw.trusted_organizations),
            forbidden_actions: raw.forbidden_actions,
            sensitive_resources: raw.sensitive_resources,
            forbidden_condition_keys: raw.forbidden_condition_keys,
            blocked_principals: raw.blocked_principals,
            required_conditions: raw
                .required_condition
                .into_iter()
                .map(|it| RequiredCondition {
                    actions: it.actions,
                    keys: it.keys,
                })
                .collect(),
        }
    }
}

impl FailOn {
    /// Returns the threshold of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name == "never" {
            return Some(Self::Never);
        }
        let known = FindingType::ALL.into_iter().find(|it| it.as_str() == name);
        known.map(Self::Type)
    }

    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Type(finding_type) => finding_type.as_str(),
            Self::Never => "never",
        }
    }

    /// Returns whether a finding of this type fails the run.
    #[must_use]
    pub fn fails(self, finding_type: FindingType) -> bool {
        matches!(self, Self::Type(most) if finding_type <= most)
    }
}
