//! `rolecall profile diff`: what a newer version of a profile changes, in words, and which
//! requirement installed policies no longer meet under it.

use std::io::IsTerminal as _;

use clap::Args;
use serde_json::{Value, json};

use super::Format;
use super::save::{complain, print};
use crate::catalog::Catalog;
use crate::check::{self, Report, Unmet, Verdict};
use crate::cli::catalog::load_catalog;
use crate::cli::input::lines_visible;
use crate::cli::policies::{self, LoadedPolicies, PolicyArgs};
use crate::cli::profiles::load_profile;
use crate::profile::{Change, Difference, Profile, SettingError, Settings};
use crate::report;
use crate::report::text::Options;
use crate::source::FileId;

/// Say what a newer version of a profile changes, and which installed policies it breaks.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing breaks, or no policies were given; 1 the policies do not \
                  meet a requirement of NEW that OLD has and they met, or that OLD does not have; \
                  2 wrong use; 3 something cannot be decided, or was not read."
)]
pub(super) struct DiffArgs {
    /// The older version: VENDOR/PROFILE, or a profile.toml.
    #[arg(value_name = "OLD")]
    old: String,
    /// The newer version.
    #[arg(value_name = "NEW")]
    new: String,
    /// The identity policies that are installed.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    policies: Vec<String>,
    #[command(flatten)]
    layers: PolicyArgs,
    /// Set a variable of the profiles; a list takes several values, with commas.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    variables: Vec<String>,
    /// Switch a feature on; `no-NAME` switches one off.
    #[arg(long = "feature", value_name = "NAME")]
    features: Vec<String>,
    /// Judge this actor's calls instead of the vendor's.
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Use the catalog in the binary, not an updated one.
    #[arg(long)]
    builtin_catalog: bool,
}

/// Runs the subcommand and returns the exit code.
pub(super) fn run(args: &DiffArgs) -> u8 {
    match diff(args) {
        Ok(code) => code,
        Err(message) => complain(&message),
    }
}

fn diff(args: &DiffArgs) -> Result<u8, String> {
    let load = |name: &str| load_profile(name).map_err(|it| it.to_string());
    let (old, new) = (load(&args.old)?.profile, load(&args.new)?.profile);
    let differences = old.differences(&new);
    if args.layers.snapshot.is_some() {
        return Err(
            "`profile diff` judges files only\nhelp: `rolecall check --for PROFILE --snapshot FILE` \
             judges an account, with the old profile and with the new one"
                .into(),
        );
    }
    let mut layers = args.layers.clone();
    layers.identity.splice(0..0, args.policies.iter().cloned());
    let is_given = !layers.identity.is_empty() || layers.trust.is_some();
    if !is_given && layers_are_there(&layers) {
        return Err(
            "no identity policies were given\nhelp: name them with `--policies FILE`".into(),
        );
    }
    let mut loaded = LoadedPolicies::default();
    let mut reports = None;
    if is_given {
        loaded = policies::load(&layers).map_err(|it| it.to_string())?;
        let catalog = load_catalog(args.builtin_catalog).map_err(|it| it.to_string())?;
        let (before, after) = settings(args, &old, &new)?;
        let older = judge(&old, &before, &loaded, &catalog)?;
        let newer = judge(&new, &after, &loaded, &catalog)?;
        reports = Some((older, newer));
    }
    let fallback = loaded.sources.iter().next().map(|(id, _)| id);
    let fallback = fallback.unwrap_or_else(|| loaded.sources.add("<no document>", ""));
    let told = Told {
        old: (&args.old, &old),
        new: (&args.new, &new),
        differences: &differences,
        installed: reports
            .as_ref()
            .map(|(older, newer)| Installed::of(older, newer)),
        loaded: &loaded,
        fallback,
    };
    match args.format {
        Format::Json => print(&format!("{:#}\n", told.json())),
        Format::Text => print(&told.text()),
    }
    Ok(told.code())
}

fn layers_are_there(layers: &PolicyArgs) -> bool {
    layers.boundary.is_some()
        || layers.endpoint_policy.is_some()
        || [
            &layers.session,
            &layers.scp,
            &layers.rcp,
            &layers.resource_policy,
        ]
        .iter()
        .any(|it| !it.is_empty())
}

fn judge(
    profile: &Profile,
    settings: &Settings,
    loaded: &LoadedPolicies,
    catalog: &Catalog,
) -> Result<Report, String> {
    let input = check::Input {
        profile,
        settings,
        policies: &loaded.policies,
        trust: loaded.trust.as_ref(),
        resource_policies: &loaded.resource_policies,
        principal: None,
        catalog,
        unread: !loaded.unread.is_empty(),
    };
    check::run(&input).map_err(|errors| setting_errors(&profile.name, &errors))
}

/// The choices for both versions; what only one of them knows is for that one.
fn settings(args: &DiffArgs, old: &Profile, new: &Profile) -> Result<(Settings, Settings), String> {
    let mut both = (Settings::default(), Settings::default());
    let actors: Vec<String> = args.actor.iter().cloned().collect();
    both.0.actors.clone_from(&actors);
    both.1.actors = actors;
    for variable in &args.variables {
        let Some((name, value)) = variable.split_once('=') else {
            return Err(format!("`--var {variable}`: write `--var NAME=VALUE`"));
        };
        let mut is_known = false;
        for (profile, settings) in [(old, &mut both.0), (new, &mut both.1)] {
            let Some(known) = profile.variable(name) else {
                continue;
            };
            is_known = true;
            let values = match known.kind.list {
                true => value.split(',').map(|it| it.trim().to_owned()).collect(),
                false => vec![value.to_owned()],
            };
            settings.variables.insert(name.to_owned(), values);
        }
        if !is_known {
            return Err(format!("neither version has a variable `{name}`"));
        }
    }
    for feature in &args.features {
        let mut is_known = false;
        for (profile, settings) in [(old, &mut both.0), (new, &mut both.1)] {
            let off = feature
                .strip_prefix("no-")
                .filter(|_| profile.feature(feature).is_none());
            let name = off.unwrap_or(feature);
            if profile.feature(name).is_some() {
                is_known = true;
                settings.features.insert(name.to_owned(), off.is_none());
            }
        }
        if !is_known {
            return Err(format!("neither version has a feature `{feature}`"));
        }
    }
    Ok(both)
}

/// Returns everything that is wrong with the settings of a profile.
pub(super) fn setting_errors(profile: &str, errors: &[SettingError]) -> String {
    let lines = errors.iter().map(|error| match error.help.as_str() {
        "" => format!("{profile}: {}", error.message),
        // Here the flag has another name than in the profile's own words.
        help => format!(
            "{profile}: {}\nhelp: {}",
            error.message,
            help.replace("--set ", "--var ")
        ),
    });
    lines.collect::<Vec<_>>().join("\nerror: ")
}

/// Whether a requirement belongs under a heading.
type Group = fn(&Unmet<'_>) -> bool;

/// What the versions mean for installed policies.
struct Installed<'a> {
    unmet: Vec<Unmet<'a>>,
    mended: Vec<String>,
    met: usize,
    all: usize,
}

impl<'a> Installed<'a> {
    fn of(older: &Report, newer: &'a Report) -> Self {
        Self {
            unmet: check::unmet(older, newer),
            mended: check::mended(older, newer),
            met: newer.count(Verdict::Met),
            all: newer.requirements.len(),
        }
    }

    fn breaking(&self) -> usize {
        self.unmet.iter().filter(|it| it.breaks()).count()
    }
}

struct Told<'a> {
    old: (&'a str, &'a Profile),
    new: (&'a str, &'a Profile),
    differences: &'a [Difference],
    installed: Option<Installed<'a>>,
    loaded: &'a LoadedPolicies,
    fallback: FileId,
}

impl Told<'_> {
    fn code(&self) -> u8 {
        let Some(installed) = &self.installed else {
            return 0;
        };
        let is_open = installed.unmet.iter().any(Unmet::is_in_doubt);
        match (
            installed.breaking(),
            is_open || !self.loaded.unread.is_empty(),
        ) {
            (0, false) => 0,
            (0, true) => 3,
            _ => 1,
        }
    }

    fn text(&self) -> String {
        let mut text = format!("{} -> {}\n", self.old.0, self.new.0);
        if self.differences.is_empty() {
            text.push_str("no difference in what they require or forbid\n");
        }
        let mut part = "";
        for difference in self.differences {
            if difference.part != part {
                part = difference.part;
                text.push_str(&format!("\n{}\n", heading(part)));
            }
            let sign = match difference.change {
                Change::Added => '+',
                Change::Removed => '-',
                Change::Changed(_) => '~',
            };
            text.push_str(&format!(
                "  {sign} {}: {}\n",
                difference.name, difference.summary
            ));
            if let Change::Changed(fields) = &difference.change {
                for field in fields {
                    text.push_str(&format!(
                        "      {}: {} -> {}\n",
                        field.field,
                        or_none(&field.old),
                        or_none(&field.new)
                    ));
                }
            }
        }
        let mut text = lines_visible(&text);
        text.push('\n');
        if let Some(installed) = &self.installed {
            text.push_str(&self.installed_text(installed));
        }
        text
    }

    fn installed_text(&self, installed: &Installed<'_>) -> String {
        let options = Options {
            color: true,
            width: std::io::stdout().is_terminal().then_some(100),
        };
        let mut text = String::from("\nInstalled policies\n");
        let groups: [(&str, Group); 4] = [
            ("met before, no longer", |it| {
                it.breaks() && it.before.is_some()
            }),
            ("new, and not met", |it| it.breaks() && it.before.is_none()),
            ("cannot be decided any more", |it| it.is_in_doubt()),
            ("not met for certain before either, or not required", |it| {
                !it.breaks() && !it.is_in_doubt()
            }),
        ];
        for (title, is_in) in groups {
            let own: Vec<&Unmet<'_>> = installed.unmet.iter().filter(|it| is_in(it)).collect();
            if own.is_empty() {
                continue;
            }
            text.push_str(&format!("\n{title}: {}\n", own.len()));
            let findings: Vec<_> = own
                .iter()
                .map(|it| check::finding(it.judged, self.fallback))
                .collect();
            text.push_str(&report::text::findings(
                &self.loaded.sources,
                &findings,
                options,
            ));
        }
        if !self.loaded.unread.is_empty() {
            text.push_str("\nnot read\n");
            let unread = &self.loaded.unread;
            text.push_str(&report::text::findings(
                &self.loaded.sources,
                unread,
                options,
            ));
        }
        if !installed.mended.is_empty() {
            text.push_str(&format!(
                "\nmet now, not before: {}\n",
                installed.mended.join(", ")
            ));
        }
        let verdict = match (installed.breaking(), self.code()) {
            (0, 3) => {
                "UNKNOWN: nothing breaks for certain, and something cannot be decided".to_owned()
            }
            (0, _) => "NOTHING BREAKS".to_owned(),
            (1, _) => "BREAKS: 1 requirement of the newer version needs an addition".to_owned(),
            (count, _) => {
                format!("BREAKS: {count} requirements of the newer version need additions")
            }
        };
        text.push_str(&format!(
            "\n{verdict}; {} of {} met\n",
            installed.met, installed.all
        ));
        text
    }

    fn json(&self) -> Value {
        let differences = self.differences.iter().map(|it| {
            let fields = match &it.change {
                Change::Changed(fields) => fields.as_slice(),
                Change::Added | Change::Removed => &[],
            };
            let fields = fields
                .iter()
                .map(|it| json!({ "field": it.field, "old": it.old, "new": it.new }));
            json!({
                "part": it.part,
                "name": it.name,
                "change": it.change.as_str(),
                "summary": it.summary,
                "fields": fields.collect::<Vec<_>>(),
            })
        });
        let version = |(name, profile): (&str, &Profile)| {
            json!({
                "name": name,
                "title": profile.title,
                "revision": profile.source.revision,
                "requirements": profile.requirements.len(),
            })
        };
        json!({
            "schema": "rolecall/profile-diff/v1",
            "old": version(self.old),
            "new": version(self.new),
            "differences": differences.collect::<Vec<_>>(),
            "installed": self.installed.as_ref().map(|it| self.installed_json(it)),
        })
    }

    fn installed_json(&self, installed: &Installed<'_>) -> Value {
        let sources = &self.loaded.sources;
        let unmet = installed.unmet.iter().map(|it| {
            let fix = it.judged.fix.as_ref();
            json!({
                "id": it.judged.call.id,
                "action": it.judged.call.action,
                "strength": it.judged.call.strength.as_str(),
                "before": it.before.map(Verdict::as_str),
                "verdict": it.judged.verdict.as_str(),
                "breaks": it.breaks(),
                "message": check::headline(it.judged),
                "consequence": it.judged.call.breaks,
                "fix": fix.map(|fix| report::check::fix_json(fix, sources)),
            })
        });
        let unread = self.loaded.unread.iter().map(|it| {
            json!({
                "file": sources.get(it.primary.location.file).name,
                "message": it.message,
            })
        });
        json!({
            "documents": sources.iter().map(|(_, it)| &it.name).collect::<Vec<_>>(),
            "unmet": unmet.collect::<Vec<_>>(),
            "mended": installed.mended,
            "unread": unread.collect::<Vec<_>>(),
            "summary": {
                "requirements": installed.all,
                "met": installed.met,
                "breaking": installed.breaking(),
            },
        })
    }
}

fn heading(part: &str) -> &'static str {
    match part {
        "requirement" => "Requirements",
        "must-not" => "Must-nots",
        "variable" => "Variables",
        "object" => "Objects",
        "actor" => "Actors",
        "phase" => "Phases",
        "feature" => "Features",
        _ => "Profile",
    }
}

fn or_none(text: &str) -> String {
    match text {
        "" => "none".to_owned(),
        text => format!("`{}`", text.trim_matches('`')),
    }
}
