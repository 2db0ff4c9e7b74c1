//! `rolecall check`: can the vendor do its job with this access?

use std::io::{IsTerminal as _, Write as _};

use clap::{Args, ValueEnum};

use super::catalog::load_catalog;
use super::named::Named;
use super::policies::{self, LoadedPolicies, PolicyArgs};
use super::profiles::{LoadedProfile, load_profile};
use crate::check::{self, Beside, Input, Report};
use crate::evaluate::Principal;
use crate::finding::{Finding, FindingType};
use crate::isolation;
use crate::profile::{Profile, SettingError, Settings};
use crate::report;
use crate::report::check::Checked;
use crate::report::text::Options;

/// Judge policies against what a vendor needs, phase by phase.
#[derive(Debug, Args)]
#[command(
    after_help = "A policy may be followed by its ARN, `policy.json=arn:aws:iam::…:policy/name`: \
                  without it nobody can say whether a pattern means the policy itself.\n\
                  Exit codes: 0 every required call is allowed; 1 one is denied, or with \
                  `--require isolated` there is a way out; 2 wrong use; 3 something cannot be \
                  decided, or was not read."
)]
pub struct CheckArgs {
    /// What the vendor needs: VENDOR/PROFILE (`rolecall profiles` lists them), or a profile.toml.
    #[arg(long = "for", value_name = "PROFILE")]
    profile: String,
    /// Identity policies of the vendor's user or role.
    #[arg(value_name = "POLICY[=ARN]")]
    policies: Vec<String>,
    #[command(flatten)]
    layers: PolicyArgs,
    /// A boundary that roles carry which the vendor creates, where it is not the vendor's own.
    #[arg(long, value_name = "FILE[=ARN]", num_args = 1..)]
    workload_boundary: Vec<String>,
    /// The ARN of the vendor's user or role session, where it is not the profile's.
    #[arg(long, value_name = "ARN")]
    principal: Option<String>,
    /// Set a variable of the profile; a list takes several values, with commas.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    variables: Vec<String>,
    /// Switch a feature on; `no-NAME` switches one off.
    #[arg(long = "feature", value_name = "NAME")]
    features: Vec<String>,
    /// Judge these phases only.
    #[arg(long = "phase", value_name = "NAME")]
    phases: Vec<String>,
    /// Judge this actor's calls instead of the vendor's.
    #[arg(long = "actor", value_name = "NAME")]
    actors: Vec<String>,
    /// Fail also where the vendor could go beyond this access, and show what would stop it.
    #[arg(long, value_enum, value_name = "WHAT")]
    require: Vec<Require>,
    /// Do not look for ways beyond this access.
    #[arg(long, conflicts_with = "require")]
    no_isolation: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Use the catalog in the binary, not an updated one.
    #[arg(long)]
    builtin_catalog: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

/// What a check can ask for beside the vendor's requirements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Require {
    /// Nothing that the vendor may change leads beyond what it was given.
    Isolated,
}

/// Runs the subcommand and returns the exit code.
#[must_use]
pub fn run(args: &CheckArgs) -> u8 {
    match check(args) {
        Ok(code) => code,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "error: {message}");
            2
        }
    }
}

fn check(args: &CheckArgs) -> Result<u8, String> {
    let LoadedProfile { profile, .. } = load_profile(&args.profile).map_err(|it| it.to_string())?;
    let mut settings = settings(&args.variables, &args.features, &profile)?;
    settings.actors.clone_from(&args.actors);
    settings.phases.clone_from(&args.phases);
    let mut layers = args.layers.clone();
    layers.identity.splice(0..0, args.policies.iter().cloned());
    if layers.identity.is_empty() && layers.trust.is_none() {
        return Err(
            "no policy was given\nhelp: name the vendor's identity policies: `rolecall \
                    check --for PROFILE policy.json`, or `-` for standard input"
                .into(),
        );
    }
    let mut named = Named::default();
    named.layers(&mut layers);
    let workload = named.files(&args.workload_boundary);
    let mut loaded =
        policies::load_with_boundaries(&layers, &workload).map_err(|it| it.to_string())?;
    let arns = named.of(&loaded);
    let principal = match &args.principal {
        None => None,
        Some(text) => Some(Principal::parse(text).ok_or_else(|| {
            format!("`--principal {text}` is no ARN of a user, role, session or root user")
        })?),
    };
    let catalog = load_catalog(args.builtin_catalog).map_err(|it| it.to_string())?;
    let input = Input {
        profile: &profile,
        settings: &settings,
        policies: &loaded.policies,
        trust: loaded.trust.as_ref(),
        resource_policies: &loaded.resource_policies,
        principal: principal.as_ref(),
        catalog: &catalog,
        unread: !loaded.unread.is_empty(),
    };
    let report = check::run(&input).map_err(|errors| setting_errors(&errors))?;
    if report.requirements.is_empty() {
        return Err("nothing was judged: no requirement is of this actor in these phases".into());
    }
    let beside = Beside {
        workload_boundaries: &loaded.workload_boundaries,
        arns: &arns,
    };
    let required = args.require.contains(&Require::Isolated);
    // Changes that close what was found take far longer than finding it.
    let isolation = match args.no_isolation || input.unread {
        true => None,
        false => {
            check::isolation(&input, beside, required).map_err(|errors| setting_errors(&errors))?
        }
    };
    let code = exit_code(&report, &loaded, isolation.as_ref().filter(|_| required));
    let documents = documents(&loaded);
    let fallback = loaded.sources.iter().next().map(|(id, _)| id);
    let fallback = fallback.unwrap_or_else(|| loaded.sources.add("<no document>", ""));
    let checked = Checked {
        profile: &profile,
        report: &report,
        isolation: isolation.as_ref(),
        isolation_required: required,
        principal: judged(args, &profile, &settings),
        sources: &loaded.sources,
        documents: &documents,
        findings: &loaded.findings,
        unread: &loaded.unread,
        assumptions: &loaded.assumptions,
        catalog: catalog.info(),
        refused_as_written: refused_as_written(&loaded),
        fallback,
    };
    print(&checked, args.format);
    // The process ends here: taking thousands of small things apart would only take time.
    std::mem::forget((report, isolation, profile, loaded));
    Ok(code)
}

/// `isolation` is there only where it is required.
fn exit_code(
    report: &Report,
    loaded: &LoadedPolicies,
    isolation: Option<&isolation::Report>,
) -> u8 {
    let refused = loaded.policies.refusal().is_some() || refused_as_written(loaded);
    let is = |wanted| isolation.is_some_and(|it| it.verdict == wanted);
    if report.fails() || is(isolation::Verdict::Escapes) {
        1
    } else if report.is_incomplete()
        || refused
        || !loaded.unread.is_empty()
        || is(isolation::Verdict::Unknown)
    {
        3
    } else {
        0
    }
}

/// Whether AWS refuses a document for more than its layout: comments and the like are easily taken
/// out, and what is left stands.
fn refused_as_written(loaded: &LoadedPolicies) -> bool {
    const LAYOUT: [&str; 3] = ["byte-order-mark", "comment-in-policy", "trailing-comma"];
    let refused =
        |it: &&Finding| it.finding_type == FindingType::Error && !LAYOUT.contains(&it.rule);
    loaded.findings.iter().any(|it| refused(&it))
}

fn print(checked: &Checked<'_>, format: Format) {
    let mut out = anstream::AutoStream::auto(std::io::stdout().lock());
    let text = match format {
        Format::Json => format!("{:#}\n", report::check::json(checked)),
        Format::Text => {
            let width = width();
            report::check::text(checked, Options { color: true, width })
        }
    };
    // A closed pipe is the reader's choice.
    let _ = out.write_all(text.as_bytes());
}

/// The width to wrap at: a terminal's; none for files and pipes.
fn width() -> Option<usize> {
    std::io::stdout().is_terminal().then_some(100)
}

/// Returns the settings that `--var` and `--feature` make.
pub(super) fn settings(
    variables: &[String],
    features: &[String],
    profile: &Profile,
) -> Result<Settings, String> {
    let mut settings = Settings::default();
    for variable in variables {
        let (name, value) = variable
            .split_once('=')
            .ok_or_else(|| format!("`--var {variable}`: write `--var NAME=VALUE`"))?;
        let is_list = profile.variable(name).is_some_and(|it| it.kind.list);
        let values = if is_list {
            value.split(',').map(|it| it.trim().to_owned()).collect()
        } else {
            vec![value.to_owned()]
        };
        settings.variables.insert(name.to_owned(), values);
    }
    for feature in features {
        let off = feature
            .strip_prefix("no-")
            .filter(|_| profile.feature(feature).is_none());
        settings
            .features
            .insert(off.unwrap_or(feature).to_owned(), off.is_none());
    }
    Ok(settings)
}

/// Returns what is wrong with settings, line by line.
pub(super) fn setting_errors(errors: &[SettingError]) -> String {
    let lines: Vec<String> = errors
        .iter()
        .map(|error| match error.help.as_str() {
            "" => error.message.clone(),
            help => format!("{}\nhelp: {help}", error.message),
        })
        .collect();
    lines.join("\nerror: ")
}

/// Who was judged: in words, and as ARN.
fn judged(args: &CheckArgs, profile: &Profile, settings: &Settings) -> (String, String) {
    let name = args.actors.first().unwrap_or(&profile.default_actor);
    let title = profile
        .actor(name)
        .map_or(name.as_str(), |actor| &actor.title);
    let arn = args
        .principal
        .clone()
        .or_else(|| profile.principal(name, settings).ok().flatten());
    (title.to_owned(), arn.unwrap_or_default())
}

/// The documents by layer, with their names.
fn documents(loaded: &LoadedPolicies) -> Vec<(String, &'static str)> {
    let policies = &loaded.policies;
    let scps = policies.scps.iter().flat_map(|level| &level.policies);
    let rcps = policies.rcps.iter().flat_map(|level| &level.policies);
    let all = policies
        .identity
        .iter()
        .chain(policies.boundary.iter().flatten())
        .chain(policies.session.iter().flatten())
        .chain(scps)
        .chain(rcps)
        .chain(policies.endpoint.iter().flatten())
        .chain(&loaded.resource_policies)
        .chain(&loaded.trust);
    all.filter_map(|document| {
        let file = document.file?;
        Some((
            loaded.sources.get(file).name.clone(),
            document.kind.as_str(),
        ))
    })
    .collect()
}
