//! `rolecall compare`: is one set of policies no more than another?
//!
//! OLD and NEW are sets of documents with their layers; what is asked is whether NEW allows a
//! request that OLD does not, for all requests at once.

mod batch;
mod beyond;
mod json;
mod sides;
mod text;

use std::io::Write as _;

use clap::{Args, ValueEnum};

use super::catalog::load_catalog;
use crate::analyze::{Analysis, Doubt, Excesses, Found};
use crate::catalog::Catalog;
use crate::policy::Document;
use sides::{Side, Sides};

/// Compare policies: does the new one allow anything that the old one does not?
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 no new access, or every line of a batch was read; 1 new access; \
                        2 wrong use; 3 not decided, or something was not read."
)]
pub struct CompareArgs {
    /// The policy as it was: a file, `-`, or REV:PATH of a git revision.
    #[arg(value_name = "OLD", requires = "new")]
    old: Option<String>,
    /// The policy as it is to be.
    #[arg(value_name = "NEW")]
    new: Option<String>,
    /// A further document of the old side; all of them count together.
    #[arg(long = "old", value_name = "FILE")]
    also_old: Vec<String>,
    /// A further document of the new side.
    #[arg(long = "new", value_name = "FILE")]
    also_new: Vec<String>,
    /// What OLD and NEW are, where their text does not tell, such as `resource` or `scp`.
    #[arg(long, value_name = "KIND", value_parser = super::words::kind)]
    kind: Option<crate::policy::Kind>,
    /// The permissions boundary of the old side.
    #[arg(long, value_name = "FILE")]
    old_boundary: Option<String>,
    /// The permissions boundary of the new side.
    #[arg(long, value_name = "FILE")]
    new_boundary: Option<String>,
    /// Session policies of the old side.
    #[arg(long, value_name = "FILE")]
    old_session: Vec<String>,
    /// Session policies of the new side.
    #[arg(long, value_name = "FILE")]
    new_session: Vec<String>,
    /// Service control policies of the old side; those with the same TARGET are one level.
    #[arg(long, value_name = "[TARGET=]FILE")]
    old_scp: Vec<String>,
    /// Service control policies of the new side.
    #[arg(long, value_name = "[TARGET=]FILE")]
    new_scp: Vec<String>,
    /// Do not add AWS's `FullAWSAccess` to a level whose service control policies allow nothing.
    #[arg(long)]
    no_full_aws_access: bool,
    /// Access by action names that AWS does not have yet is no new access.
    #[arg(long)]
    today: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Pairs of policies as JSON lines, from a file or `-`.
    #[arg(long, value_name = "FILE|-", conflicts_with_all = [
        "old", "new", "also_old", "also_new", "old_boundary", "new_boundary", "old_session",
        "new_session", "old_scp", "new_scp", "today", "format", "kind",
    ])]
    batch: Option<String>,
    /// Use the catalog in the binary even if the cache has a newer one.
    #[arg(long)]
    builtin_catalog: bool,
    /// Leave out what AWS documents about which keys and resources an action has.
    #[arg(long)]
    pure: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

/// Whether one side is within the other.
#[derive(Clone, Debug)]
enum Within {
    /// For every action that may ever exist.
    Yes,
    /// For the actions that AWS has; not for this name that it may give one.
    Today(Box<crate::analyze::Witness>),
    /// Not.
    No(Box<crate::analyze::Witness>),
    /// Not decided.
    Unknown(Doubt),
}

impl Within {
    /// Whether there is nothing beyond; nothing where that is not known.
    const fn holds(&self, today: bool) -> Option<bool> {
        match self {
            Self::Yes => Some(true),
            Self::Today(_) => Some(today),
            Self::No(_) => Some(false),
            Self::Unknown(_) => None,
        }
    }
}

/// How two sides compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Equal,
    Less,
    More,
    Incomparable,
    Unknown,
}

impl Verdict {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Less => "less",
            Self::More => "more",
            Self::Incomparable => "incomparable",
            Self::Unknown => "unknown",
        }
    }
}

/// Everything that an answer is made of.
struct Answer<'a> {
    sides: &'a Sides,
    catalog: &'a Catalog,
    verdict: Verdict,
    /// Whether NEW allows something that OLD does not; nothing where that is not known.
    new_access: Option<bool>,
    new_in_old: Within,
    old_in_new: Within,
    gained: Excesses,
    lost: Excesses,
    /// Whether the verdict would be another without the facts about AWS.
    rests_on_facts: bool,
}

/// Runs the subcommand and returns the exit code: 0 no new access, 1 new access, 2 wrong use, 3 not
/// decided.
pub(super) fn run(args: &CompareArgs) -> u8 {
    match compare(args) {
        Ok(code) => code,
        Err(message) => {
            let message = super::input::lines_visible(&message);
            let _ = writeln!(anstream::stderr(), "error: {message}");
            2
        }
    }
}

fn compare(args: &CompareArgs) -> Result<u8, String> {
    let catalog = load_catalog(args.builtin_catalog).map_err(|it| it.to_string())?;
    let analysis = Analysis {
        pure: args.pure,
        ..Analysis::new(&catalog)
    };
    if let Some(name) = &args.batch {
        return Ok(batch::run(name, &analysis));
    }
    let sides = sides::load(args)?;
    let new_in_old = within(&analysis, &sides.new, &sides.old);
    let old_in_new = within(&analysis, &sides.old, &sides.new);
    let verdict = verdict(&new_in_old, &old_in_new, args.today);
    let pure = Analysis {
        pure: true,
        ..analysis
    };
    // What holds with fewer facts holds with more: only a proof can rest on them.
    let needs_facts = |it: &Within, a, b| {
        it.holds(args.today) == Some(true) && within(&pure, a, b).holds(args.today) != Some(true)
    };
    let rests_on_facts = !args.pure
        && (needs_facts(&new_in_old, &sides.new, &sides.old)
            || needs_facts(&old_in_new, &sides.old, &sides.new));
    let describe = |within: &Within, a: &Side, b: &Side| match within {
        Within::Yes
        | Within::Unknown(Doubt {
            reason: crate::analyze::DoubtReason::Document,
            ..
        }) => Excesses::default(),
        _ => analysis.excesses(&a.layers(), &b.layers()),
    };
    let gained = describe(&new_in_old, &sides.new, &sides.old);
    let lost = describe(&old_in_new, &sides.old, &sides.new);
    let answer = Answer {
        new_access: new_in_old
            .holds(args.today)
            .map(|it| !it)
            .filter(|_| sides.loaded.unread.is_empty()),
        sides: &sides,
        catalog: &catalog,
        verdict,
        new_in_old,
        old_in_new,
        gained,
        lost,
        rests_on_facts,
    };
    let shown = match args.format {
        Format::Text => text::answer(&answer),
        Format::Json => json::answer(&answer),
    };
    // A closed pipe (`| head`) is no failure of ours.
    let _ = anstream::stdout().write_all(shown.as_bytes());
    Ok(match answer.new_access {
        Some(true) => 1,
        Some(false) => 0,
        None => 3,
    })
}

fn within(analysis: &Analysis<'_>, a: &Side, b: &Side) -> Within {
    let (a, b): (Vec<&[Document]>, Vec<&[Document]>) = (a.layers(), b.layers());
    match analysis.find_excess(&a, &b) {
        Found::Nothing => Within::Yes,
        Found::Request(witness) if witness.in_catalog => Within::No(witness),
        Found::Unknown(doubt) => Within::Unknown(doubt),
        Found::Request(future) => {
            let today = Analysis {
                open_actions: false,
                ..*analysis
            };
            match today.find_excess(&a, &b) {
                Found::Nothing => Within::Today(future),
                Found::Request(witness) => Within::No(witness),
                // Something is beyond in any case.
                Found::Unknown(_) => Within::No(future),
            }
        }
    }
}

fn verdict(new_in_old: &Within, old_in_new: &Within, today: bool) -> Verdict {
    match (new_in_old.holds(today), old_in_new.holds(today)) {
        (Some(true), Some(true)) => Verdict::Equal,
        (Some(true), Some(false)) => Verdict::Less,
        (Some(false), Some(true)) => Verdict::More,
        (Some(false), Some(false)) => Verdict::Incomparable,
        _ => Verdict::Unknown,
    }
}
