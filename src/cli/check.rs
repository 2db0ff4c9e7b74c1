//! `rolecall check`: can the vendor do its job with this access?

use std::io::{IsTerminal as _, Write as _};

use clap::{Args, ValueEnum};

use super::fix::{self, MendingArgs};
use super::judged::{Judged, JudgedArgs, setting_errors};
use super::policies::LoadedPolicies;
use crate::check::{self, Beside, Report};
use crate::isolation;
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
    #[command(flatten)]
    judged: JudgedArgs,
    /// A boundary that roles carry which the vendor creates, where it is not the vendor's own.
    #[arg(long, value_name = "FILE[=ARN]", num_args = 1..)]
    workload_boundary: Vec<String>,
    /// Fail also where the vendor could go beyond this access, and show what would stop it.
    #[arg(long, value_enum, value_name = "WHAT")]
    require: Vec<Require>,
    /// Do not look for ways beyond this access.
    #[arg(long, conflicts_with = "require")]
    no_isolation: bool,
    /// Put right what is missing, as `rolecall fix` does.
    #[arg(long, conflicts_with = "require")]
    fix: bool,
    #[command(flatten)]
    mending: MendingArgs,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How `check` and `fix` print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
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
    if args.fix {
        return fix::mend("check", &args.judged, &args.mending, args.format);
    }
    if args.mending != MendingArgs::default() {
        return Err(
            "`--narrowing`, `--diff`, `--new-files` and `--strength` are about `--fix`".into(),
        );
    }
    let mut judged = args.judged.load("check", &args.workload_boundary)?;
    if judged.loaded.sources.iter().next().is_none() {
        judged.loaded.sources.add("<no document>", "");
    }
    let input = judged.input();
    let mut report = check::run(&input).map_err(|errors| setting_errors(&errors))?;
    if judged.loaded.limits_unread() {
        report.doubt_what_limits();
    }
    if report.requirements.is_empty() {
        return Err("nothing was judged: no requirement is of this actor in these phases".into());
    }
    let beside = Beside {
        workload_boundaries: &judged.loaded.workload_boundaries,
        arns: &judged.arns,
    };
    let required = args.require.contains(&Require::Isolated);
    // Changes that close what was found take far longer than finding it.
    let isolation = match args.no_isolation || input.unread {
        true => None,
        false => {
            check::isolation(&input, beside, required).map_err(|errors| setting_errors(&errors))?
        }
    };
    let code = exit_code(&report, &judged, isolation.as_ref().filter(|_| required));
    let loaded = &judged.loaded;
    let documents = documents(loaded);
    let fallback = loaded.sources.iter().next().map(|(id, _)| id);
    let fallback = fallback.ok_or("no text was read")?;
    let checked = Checked {
        profile: &judged.profile,
        report: &report,
        isolation: isolation.as_ref(),
        isolation_required: required,
        principal: judged.title.clone(),
        sources: &loaded.sources,
        documents: &documents,
        findings: &loaded.findings,
        unread: &loaded.unread,
        assumptions: &loaded.assumptions,
        catalog: judged.catalog.info(),
        refused_as_written: judged.refused_as_written(),
        fallback,
    };
    print(&checked, loaded, args.format);
    // The process ends here: taking thousands of small things apart would only take time.
    std::mem::forget((report, isolation, judged));
    Ok(code)
}

/// `isolation` is there only where it is required.
fn exit_code(report: &Report, judged: &Judged, isolation: Option<&isolation::Report>) -> u8 {
    let loaded = &judged.loaded;
    let refused = loaded.policies.refusal().is_some() || judged.refused_as_written();
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

fn print(checked: &Checked<'_>, loaded: &LoadedPolicies, format: Format) {
    print_text(&match format {
        Format::Json => format!("{:#}\n", loaded.with_snapshot(report::check::json(checked))),
        Format::Text => report::check::text(checked, options()),
    });
}

/// Prints a report.
pub(super) fn print_text(text: &str) {
    let mut out = anstream::AutoStream::auto(std::io::stdout().lock());
    // A closed pipe is the reader's choice.
    let _ = out.write_all(text.as_bytes());
}

/// How findings are drawn here.
pub(super) fn options() -> Options {
    Options {
        color: true,
        width: width(),
    }
}

/// The width to wrap at: a terminal's; none for files and pipes.
fn width() -> Option<usize> {
    std::io::stdout().is_terminal().then_some(100)
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
