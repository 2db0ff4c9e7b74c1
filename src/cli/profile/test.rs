//! `rolecall profile test`: is a profile sound, do its documents meet it, does it contradict itself?

mod documents;

use std::io::IsTerminal as _;

use clap::Args;
use serde_json::{Value, json};

use super::Format;
use super::diff::setting_errors;
use super::own::{self, Own};
use super::save::{complain, print};
use crate::catalog::Catalog;
use crate::check::{self, Clash, Contradiction, Verdict};
use crate::cli::catalog::load_catalog;
use crate::cli::input::lines_visible;
use crate::cli::profiles::{LoadedProfile, load_profile};
use crate::cli::words;
use crate::profile::{Profile, ProfileError, Settings, Unused, shipped};
use crate::report;
use crate::report::text::Options;
use crate::source::{FileId, Sources, Span, line_column};
use documents::{Judgement, judge};

/// Test a profile: it reads, its documents meet it, and it does not contradict itself.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 it passes, perhaps with warnings; 1 it has errors, a requirement is \
                  forbidden by a must-not, or a document beside it does not meet it; 2 wrong use; \
                  3 something cannot be decided."
)]
pub(super) struct TestArgs {
    /// The profile: VENDOR/PROFILE, a profile.toml, or its folder.
    #[arg(value_name = "PROFILE")]
    profile: String,
    /// Set a variable of the profile; a list takes several values, with commas.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    variables: Vec<String>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Use the catalog in the binary, not an updated one.
    #[arg(long)]
    builtin_catalog: bool,
}

/// Runs the subcommand and returns the exit code.
pub(super) fn run(args: &TestArgs) -> u8 {
    match test(args) {
        Ok(code) => code,
        Err(message) => complain(&message),
    }
}

fn test(args: &TestArgs) -> Result<u8, String> {
    let is_own = shipped(&args.profile).is_none();
    let own = if is_own {
        Some(own::open(&args.profile)?)
    } else {
        None
    };
    if let Some(own) = &own
        && let Err(errors) = Profile::parse(&own.path, &own.text)
    {
        return Ok(report_errors(args, own, &errors));
    }
    let LoadedProfile { profile, documents } =
        load_profile(&args.profile).map_err(|it| it.to_string())?;
    let text = own.map(|it| it.text);
    let text = text.or_else(|| shipped(&args.profile).map(|it| it.text.to_owned()));
    let catalog = load_catalog(args.builtin_catalog).map_err(|it| it.to_string())?;
    let settings = settings(args, &profile)?;
    let contradictions = contradictions(&profile, &settings, &catalog)?;
    let judgements = judge(&profile, &documents, &settings, &catalog)?;
    let tested = Tested {
        profile: &profile,
        text: text.unwrap_or_default(),
        contradictions: &contradictions,
        judgements: &judgements,
        unused: profile.unused(),
    };
    match args.format {
        Format::Json => print(&format!("{:#}\n", tested.json())),
        Format::Text => print(&tested.text()),
    }
    Ok(tested.code())
}

fn settings(args: &TestArgs, profile: &Profile) -> Result<Settings, String> {
    let mut settings = Settings::default();
    for variable in &args.variables {
        let Some((name, value)) = variable.split_once('=') else {
            return Err(format!("`--var {variable}`: write `--var NAME=VALUE`"));
        };
        let is_list = profile.variable(name).is_some_and(|it| it.kind.list);
        let values = match is_list {
            true => value.split(',').map(|it| it.trim().to_owned()).collect(),
            false => vec![value.to_owned()],
        };
        settings.variables.insert(name.to_owned(), values);
    }
    Ok(settings)
}

/// Looks with every feature on, for what is switched on later must not contradict either.
fn contradictions(
    profile: &Profile,
    settings: &Settings,
    catalog: &Catalog,
) -> Result<Vec<Contradiction>, String> {
    let features = profile.features.iter().map(|it| (it.name.clone(), true));
    let settings = Settings {
        features: features.collect(),
        ..settings.clone()
    };
    check::contradictions(profile, &settings, catalog)
        .map_err(|errors| setting_errors(&profile.name, &errors))
}

fn report_errors(args: &TestArgs, own: &Own, errors: &[ProfileError]) -> u8 {
    match args.format {
        Format::Text => {
            let report = lines_visible(&own::report(own, errors));
            print(&format!("{report}\n\nFAILS\n"));
        }
        Format::Json => {
            let errors = errors.iter().map(|error| {
                let at = line_column(&own.text, error.span.start);
                json!({
                    "line": at.line,
                    "column": at.column,
                    "message": error.message,
                    "help": error.help,
                })
            });
            let json = json!({
                "schema": SCHEMA,
                "profile": own.path,
                "errors": errors.collect::<Vec<_>>(),
                "contradictions": [],
                "documents": [],
                "unused": [],
                "verdict": "fails",
            });
            print(&format!("{json:#}\n"));
        }
    }
    1
}

const SCHEMA: &str = "rolecall/profile-test/v1";

struct Tested<'a> {
    profile: &'a Profile,
    text: String,
    contradictions: &'a [Contradiction],
    judgements: &'a [Judgement],
    unused: Vec<Unused>,
}

impl Tested<'_> {
    fn code(&self) -> u8 {
        let certain = |it: &Contradiction| matches!(it.clash, Clash::Request(_));
        let fails =
            self.contradictions.iter().any(certain) || self.judgements.iter().any(Judgement::fails);
        let is_open = !self.contradictions.is_empty()
            || self.judgements.iter().any(|it| it.report.is_incomplete());
        match (fails, is_open) {
            (true, _) => 1,
            (false, true) => 3,
            (false, false) => 0,
        }
    }

    fn verdict(&self) -> &'static str {
        match self.code() {
            0 => "passes",
            1 => "fails",
            _ => "unknown",
        }
    }

    fn text(&self) -> String {
        let profile = self.profile;
        let mut text = format!("{}: {}\n\n", profile.name, profile.title);
        let mut line = |state: &str, what: &str| {
            text.push_str(&format!("  {state:<5} {}\n", lines_visible(what)));
        };
        let count = |count: usize, one: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {one}s"),
        };
        line(
            "ok",
            &format!(
                "reads without errors: {}, {}",
                count(profile.requirements.len(), "requirement"),
                count(profile.must_nots.len(), "must-not"),
            ),
        );
        if self.contradictions.is_empty() {
            line("ok", "no requirement is forbidden by a must-not");
        }
        for one in self.contradictions {
            let (state, what) = self.contradiction_text(one);
            line(state, &what);
        }
        if !self.contradictions.is_empty() {
            line(
                "",
                "help: narrow the requirement, or write an `except` into the must-not",
            );
        }
        if self.judgements.is_empty() {
            line("none", "no documents beside it: there is nothing to judge");
        }
        for judgement in self.judgements {
            line(judgement.state(), &judgement.summary(profile));
        }
        for unused in &self.unused {
            let place = self.line(unused.span);
            line(
                "warn",
                &format!("the {} `{}` is not used{place}", unused.part, unused.name),
            );
        }
        let options = Options {
            color: true,
            width: std::io::stdout().is_terminal().then_some(100),
        };
        for judgement in self.judgements {
            let findings = judgement.shown();
            if !findings.is_empty() {
                text.push('\n');
                text.push_str(&report::text::findings(
                    &judgement.sources,
                    &findings,
                    options,
                ));
            }
        }
        text.push_str(&format!("\n{}\n", self.verdict().to_uppercase()));
        text
    }

    /// Names both sides, with their lines where this very text has them.
    fn contradiction_text(&self, one: &Contradiction) -> (&'static str, String) {
        let requirement = self.profile.requirements.get(one.call.requirement);
        let required = requirement.filter(|it| it.from.is_none());
        let must_nots = self.profile.must_nots.iter();
        let mut forbidden = must_nots.filter(|it| it.from.is_none() && it.id == one.must_not);
        let sides = format!(
            "`{}`{} requires what the must-not `{}`{} forbids ({})",
            one.call.id,
            self.line(required.map(|it| it.span)),
            one.must_not,
            self.line(forbidden.next().map(|it| it.span)),
            one.title
        );
        match &one.clash {
            Clash::Request(request) => ("FAIL", format!("{sides}: {}", words::request(request))),
            Clash::Unknown(doubt) => {
                let doubt = words::doubt(doubt);
                ("open", format!("not settled whether {sides}: {doubt}"))
            }
        }
    }

    fn line(&self, span: Option<Span>) -> String {
        let span = span.filter(|it| (it.end as usize) <= self.text.len());
        let line = span.map(|it| line_column(&self.text, it.start).line);
        line.map(|it| format!(" (line {it})")).unwrap_or_default()
    }

    fn json(&self) -> Value {
        let contradictions = self.contradictions.iter().map(|it| {
            let (request, unknown) = match &it.clash {
                Clash::Request(request) => (Some(words::request_json(request)), None),
                Clash::Unknown(doubt) => (None, Some(words::doubt(doubt))),
            };
            json!({
                "requirement": it.call.id,
                "action": it.call.action,
                "mustNot": it.must_not,
                "title": it.title,
                "request": request,
                "unknown": unknown,
            })
        });
        let documents = self.judgements.iter().map(|it| {
            let open = it
                .report
                .requirements
                .iter()
                .filter(|it| it.verdict != Verdict::Met);
            let open = open.map(|it| {
                json!({
                    "id": it.call.id,
                    "action": it.call.action,
                    "strength": it.call.strength.as_str(),
                    "verdict": it.verdict.as_str(),
                    "message": check::headline(it),
                    "fix": it.fix.as_ref().map(|_| check::finding(it, judgement_file(self)).help),
                })
            });
            json!({
                "actor": it.actor,
                "files": it.files,
                "requirements": it.report.requirements.len(),
                "met": it.report.count(Verdict::Met),
                "unmet": open.collect::<Vec<_>>(),
                "refused": it.is_refused(),
            })
        });
        let unused = self
            .unused
            .iter()
            .map(|it| json!({ "part": it.part, "name": it.name }));
        json!({
            "schema": SCHEMA,
            "profile": self.profile.name,
            "errors": [],
            "contradictions": contradictions.collect::<Vec<_>>(),
            "documents": documents.collect::<Vec<_>>(),
            "unused": unused.collect::<Vec<_>>(),
            "verdict": self.verdict(),
        })
    }
}

/// Any text to point at: only the words of the finding are used.
fn judgement_file(tested: &Tested<'_>) -> FileId {
    let first = tested
        .judgements
        .first()
        .and_then(|it| it.sources.iter().next());
    first.map_or_else(|| Sources::new().add("", ""), |(file, _)| file)
}
