//! `rolecall fix`: what the customer has, made enough for the vendor and, on request, no more.

use std::collections::BTreeSet;
use std::io::Write as _;

use clap::{Args, ValueEnum};

use super::check::{Format, options, print_text};
use super::input::STDIN;
use super::judged::{Judged, JudgedArgs, setting_errors};
use super::patch::patch;
use super::replace::{Replaced, identity, replace};
use super::replay::Replayed;
use crate::check;
use crate::mend::{self, Job, Mended};
use crate::profile::Strength;
use crate::report::mend::{self as report, Mending, Outcome};

/// Change policies as little as makes them enough for a vendor, proven to gain nothing else.
#[derive(Debug, Args)]
#[command(
    after_help = "What is missing is added where it belongs: to identity policies, and to the \
                  permissions boundary and session policies that are given as files. Service \
                  control policies, policies of resources and every Deny stay as they are.\n\nExit \
                  codes: 0 every required call is allowed; 1 one is not, or the change does not \
                  fit; 2 wrong use; 3 something cannot be decided, or was not read."
)]
pub struct FixArgs {
    #[command(flatten)]
    judged: JudgedArgs,
    #[command(flatten)]
    mending: MendingArgs,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What to change, and where to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Fixing")]
pub struct MendingArgs {
    /// Remove what no requirement needs, too.
    #[arg(long)]
    narrowing: bool,
    /// Show the changes as a patch and write nothing.
    #[arg(long)]
    diff: bool,
    /// Write what does not fit into the given files into new ones beside them.
    #[arg(long)]
    new_files: bool,
    /// Add also what is only recommended, or optional; without it what is required.
    #[arg(long, value_enum, value_name = "STRENGTH")]
    strength: Option<Least>,
}

/// The least strength of requirements that are added for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Least {
    Required,
    Recommended,
    Optional,
}

/// Runs the subcommand and returns the exit code.
#[must_use]
pub fn run(args: &FixArgs) -> u8 {
    match mend("fix", &args.judged, &args.mending, args.format) {
        Ok(code) => code,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "error: {message}");
            2
        }
    }
}

/// Mends the policies and says what came of it.
pub(super) fn mend(
    command: &str,
    args: &JudgedArgs,
    mending: &MendingArgs,
    format: Format,
) -> Result<u8, String> {
    refuse_repeated(args)?;
    let judged = args.load(command, &[])?;
    let input = judged.input();
    let job = Job {
        input: &input,
        sources: &judged.loaded.sources,
        strength: match mending.strength {
            None | Some(Least::Required) => Strength::Required,
            Some(Least::Recommended) => Strength::Recommended,
            Some(Least::Optional) => Strength::Optional,
        },
        narrowing: mending.narrowing,
    };
    let mended = mend::mend(&job).map_err(|errors| setting_errors(&errors))?;
    let shows_only = mending.diff || judged.loaded.snapshot.is_some();
    let outcome = outcome(&mended, mending, shows_only);
    if outcome == Outcome::Written {
        write(&mended)?;
    }
    report_on(args, &judged, &mended, outcome, mending, format)
}

fn outcome(mended: &Mended, mending: &MendingArgs, shows_only: bool) -> Outcome {
    let needs_new = mended.files.iter().any(|it| it.before.is_none()) && !mending.new_files;
    match () {
        () if !mended.proof.holds() => Outcome::Unproven,
        () if mended.files.is_empty() => Outcome::Unchanged,
        () if needs_new => Outcome::NeedsNewFiles,
        () if shows_only => Outcome::Shown,
        () => Outcome::Written,
    }
}

fn write(mended: &Mended) -> Result<(), String> {
    let files = mended.files.iter().filter(|it| it.name != STDIN_NAME);
    let files: Vec<Replaced<'_>> = files
        .map(|it| Replaced {
            name: &it.name,
            text: &it.after,
            is_new: it.before.is_none(),
        })
        .collect();
    replace(&files)
}

/// The name under which standard input appears.
const STDIN_NAME: &str = "<stdin>";

fn report_on(
    args: &JudgedArgs,
    judged: &Judged,
    mended: &Mended,
    outcome: Outcome,
    options_given: &MendingArgs,
    format: Format,
) -> Result<u8, String> {
    let input = judged.input();
    let report = check::run(&check::Input {
        unread: false,
        ..input
    })
    .map_err(|errors| setting_errors(&errors))?;
    let required = report.requirements.iter();
    let required = required.filter(|it| it.call.strength == Strength::Required);
    let mending = Mending {
        profile: &judged.profile,
        mended,
        sources: &judged.loaded.sources,
        requirements: (report.requirements.len(), required.count()),
        findings: &judged.loaded.findings,
        unread: &judged.loaded.unread,
        outcome,
    };
    let text = match format {
        Format::Json => format!(
            "{:#}\n",
            judged.loaded.with_snapshot(report::json(&mending))
        ),
        Format::Text => snapshot_notes(judged) + &report::text(&mending, options()),
    };
    let has_stdin = args.layers().0.identity.iter().any(|it| it == STDIN);
    if format == Format::Text && (options_given.diff || judged.loaded.snapshot.is_some()) {
        let patches = mended.files.iter();
        let patches = patches.map(|it| patch(&it.name, it.before.as_deref(), &it.after));
        print_text(&patches.collect::<String>());
        let _ = std::io::stderr().write_all(text.as_bytes());
    } else if format == Format::Text && has_stdin {
        // The policy takes the place of the report, whether or not it changed.
        let fixed = mended.files.iter().find(|it| it.name == STDIN_NAME);
        let fixed = fixed.filter(|_| outcome == Outcome::Written);
        let given = judged.loaded.sources.iter();
        let mut given = given.filter(|(_, it)| it.name == STDIN_NAME);
        let given = given.next().map(|(_, it)| &it.text);
        print_text(fixed.map(|it| &it.after).or(given).map_or("", |it| it));
        let _ = std::io::stderr().write_all(text.as_bytes());
    } else {
        print_text(&text);
    }
    Ok(exit_code(&mending, judged))
}

/// What is proposed for policies of an account rests on when they were read.
fn snapshot_notes(judged: &Judged) -> String {
    let notes = judged.loaded.snapshot.iter().flat_map(Replayed::notes);
    notes.map(|it| format!("assumed: {it}\n")).collect()
}

fn exit_code(mending: &Mending<'_>, judged: &Judged) -> u8 {
    let refused = judged.loaded.policies.refusal().is_some() || judged.refused_as_written();
    if !mending.unread.is_empty() {
        // Whatever seems to be missing may stand in what was not read.
        3
    } else if report::fails(mending) {
        1
    } else if report::is_incomplete(mending) || refused || judged.loaded.limits_unread() {
        3
    } else {
        0
    }
}

/// A file that is given twice would be written twice, each time without the other's changes.
fn refuse_repeated(args: &JudgedArgs) -> Result<(), String> {
    let (layers, _) = args.layers();
    let names = layers.identity.iter().chain(&layers.boundary);
    let names = names.chain(&layers.session).filter(|it| *it != STDIN);
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(identity(name)) {
            return Err(format!(
                "`{name}` is given twice, and can be changed once only\nhelp: give each file once, \
                 and a copy of it where it serves as another kind of policy"
            ));
        }
    }
    Ok(())
}
