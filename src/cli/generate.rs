//! `rolecall generate`: the access that a profile needs, proven, as files.

mod stand_in;
pub(super) mod write;

use std::io::Write as _;

use clap::Args;

use super::catalog::load_catalog;
use super::input;
use super::judged::{setting_errors, settings};
use super::policies::{self, PolicyArgs};
use super::profiles::{LoadedProfile, load_profile};
use crate::emit::{self, Format};
use crate::evidence;
use crate::generate::{self, Bundle, Failure, Generated, Order, Split};
use crate::isolation::Verdict;
use crate::profile::Profile;
use crate::report::generate::{Shown, access, proof_json, summary};

/// Make the least access that a vendor's profile needs, and prove that it is enough and no more.
#[derive(Debug, Args)]
#[command(
    after_help = "Without `--out` nothing is written: the policies and the proof are shown. \
                  Without a proof no file is written at all.\n\
                  Exit codes: 0 made and proven; 1 the proof fails, and it is shown where; 2 wrong \
                  use, or a limit of AWS that cannot be met; 3 something could not be proven."
)]
pub struct GenerateArgs {
    /// What the vendor needs: VENDOR/PROFILE (`rolecall profiles` lists them), or a profile.toml.
    #[arg(
        long = "for",
        value_name = "PROFILE",
        required_unless_present = "from_calls"
    )]
    profile: Option<String>,
    /// Instead: where the calls were seen. A list of calls, CloudTrail records, error texts.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "profile")]
    from_calls: Vec<String>,
    /// With `--from-calls`: turn ids that AWS assigned into patterns.
    #[arg(long, requires = "from_calls")]
    generalise: bool,
    /// Set a variable of the profile; a list takes several values, with commas.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    variables: Vec<String>,
    /// Switch a feature on; `no-NAME` switches one off.
    #[arg(long = "feature", value_name = "NAME")]
    features: Vec<String>,
    /// Switch every feature on that `--feature` does not name.
    #[arg(long)]
    all_features: bool,
    /// Only what these phases need.
    #[arg(long = "phase", value_name = "NAME")]
    phases: Vec<String>,
    /// Only these users and roles.
    #[arg(long = "actor", value_name = "NAME")]
    actors: Vec<String>,
    /// How to share out statements among policies: none, phase or feature.
    #[arg(long, value_name = "BY", default_value = "none", value_parser = split)]
    split: Split,
    /// What to write: json, terraform, cloudformation or cli.
    #[arg(long, value_name = "FORMAT", default_value = "json", value_parser = format)]
    format: Format,
    /// The folder to write to; files of an earlier run that are no longer needed go.
    #[arg(long, value_name = "DIR")]
    out: Option<String>,
    /// Service control policies under which it has to work, with `TARGET=` in front for a level.
    #[arg(long, value_name = "[TARGET=]FILE", num_args = 1..)]
    scp: Vec<String>,
    /// Use the catalog in the binary, not an updated one.
    #[arg(long)]
    builtin_catalog: bool,
}

fn split(text: &str) -> Result<Split, String> {
    let found = Split::WORDS.iter().find(|(word, _)| *word == text);
    found.map(|(_, split)| *split).ok_or_else(|| {
        let words: Vec<&str> = Split::WORDS.iter().map(|(word, _)| *word).collect();
        format!("write one of {}", words.join(", "))
    })
}

pub(super) fn format(text: &str) -> Result<Format, String> {
    Format::from_word(text).ok_or_else(|| {
        let words: Vec<&str> = Format::ALL.iter().map(|it| it.word()).collect();
        format!("write one of {}", words.join(", "))
    })
}

/// Runs the subcommand and returns the exit code.
#[must_use]
pub fn run(args: &GenerateArgs) -> u8 {
    match generate(args) {
        Ok(code) => code,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "error: {message}");
            2
        }
    }
}

fn generate(args: &GenerateArgs) -> Result<u8, String> {
    let (profile, unread) = profile(args)?;
    let mut settings = settings(&args.variables, &args.features, &profile)?;
    if args.all_features {
        for feature in &profile.features {
            settings
                .features
                .entry(feature.name.clone())
                .or_insert(true);
        }
    }
    settings.phases.clone_from(&args.phases);
    settings.actors.clone_from(&args.actors);
    let layers = PolicyArgs {
        scp: args.scp.clone(),
        ..PolicyArgs::default()
    };
    let loaded = policies::load(&layers).map_err(|it| it.to_string())?;
    if let Some(finding) = loaded.unread.first() {
        return Err(format!("{}: nothing was generated", finding.message));
    }
    let catalog = load_catalog(args.builtin_catalog).map_err(|it| it.to_string())?;
    let order = Order {
        profile: &profile,
        settings: &settings,
        split: args.split,
        scps: match args.scp.is_empty() {
            true => &[],
            false => &loaded.policies.scps,
        },
        catalog: &catalog,
    };
    let generated = generate::run(&order).map_err(|it| failure(&it, &profile))?;
    let files = files(args.format, &order, &generated, &|it| it)?;
    let mut names: Vec<String> = files.iter().map(|it| it.path.clone()).collect();
    names.extend([write::ACCESS.to_owned(), write::PROOF.to_owned()]);
    let command = command(args);
    let checks = match args.format {
        Format::Json => checks(args, &generated, &files),
        _ => Vec::new(),
    };
    let shown = Shown {
        profile: &profile,
        generated: &generated,
        command: &command,
        checks: &checks,
        files: &names,
    };
    let code = match exit_code(&generated) {
        0 if unread > 0 => 3,
        code => code,
    };
    let proven = generated.proof.holds();
    let mut text = summary(&shown);
    if unread > 0 {
        text.push_str(&format!(
            "\nnot understood in the evidence, and so not in here: {unread} (see above)\n"
        ));
    }
    match &args.out {
        Some(_) if !proven => text.push_str("\nnothing was written: it is not proven\n"),
        Some(folder) => {
            let proof = format!("{:#}\n", proof_json(&shown));
            write::write(folder, &files, &access(&shown), &proof)?;
            text.push_str(&format!("\nwritten to {folder}: {}\n", names.join(", ")));
        }
        None => {
            for file in &files {
                text.push_str(&format!("\n--- {}\n{}", file.path, file.text));
            }
        }
    }
    // A closed pipe is the reader's choice.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    Ok(code)
}

/// Returns the profile, and how much of the evidence behind it was not understood.
fn profile(args: &GenerateArgs) -> Result<(Profile, usize), String> {
    if let Some(name) = &args.profile {
        let LoadedProfile { profile, .. } = load_profile(name).map_err(|it| it.to_string())?;
        return Ok((profile, 0));
    }
    let mut inputs = Vec::new();
    for name in &args.from_calls {
        inputs.push(input::open(name).map_err(|error| format!("`--from-calls`: {error}"))?);
    }
    let texts: Vec<(&str, &[u8])> = inputs.iter().map(|it| (&*it.name, &*it.bytes)).collect();
    let options = evidence::Options {
        generalise: args.generalise,
        ..evidence::Options::default()
    };
    let (profile, _, unread) =
        evidence::profile("observed", &texts, &options).map_err(|errors| {
            let lines: Vec<&str> = errors.iter().map(|it| it.message.as_str()).collect();
            format!(
                "no profile could be made of the calls: {}",
                lines.join("; ")
            )
        })?;
    for it in &unread {
        let line = super::profile::unread_line(it);
        let _ = writeln!(std::io::stderr(), "not understood: {line}");
    }
    Ok((profile, unread.len()))
}

/// Returns what is written beside the proof.
///
/// `change` is what becomes of everything that is generated, before it is written.
pub(super) fn files(
    format: Format,
    order: &Order<'_>,
    generated: &Generated,
    change: &dyn Fn(Bundle) -> Bundle,
) -> Result<Vec<emit::File>, String> {
    let to_make = |bundle: Bundle| change(to_make(bundle));
    if !format.takes_symbols() {
        let bundle = to_make(generated.bundle.clone());
        return emit::files(&bundle, format, &[]).map_err(|it| it.to_string());
    }
    let (settings, symbols) = stand_in::stand_ins(order.profile, order.settings);
    let bundle = generate::bundle(&Order {
        settings: &settings,
        ..*order
    });
    let bundle = to_make(bundle.map_err(|it| failure(&it, order.profile))?);
    let proven = to_make(generated.bundle.clone());
    let differences = emit::differences(&bundle, &symbols, &proven);
    if !differences.is_empty() {
        return Err(format!(
            "what the {} would make with these values is not what is proven: {}\nhelp: report this \
             with the command; `--format json` and `--format cli` write what is proven",
            format.word(),
            differences.join("; ")
        ));
    }
    emit::files(&bundle, format, &symbols).map_err(|it| it.to_string())
}

/// Leaves out roles that nobody is said to assume: they exist already, and take the policies.
fn to_make(mut bundle: Bundle) -> Bundle {
    let is_made =
        |it: &generate::Entity| it.kind == generate::EntityKind::User || !it.trust.is_empty();
    bundle.entities.retain(is_made);
    bundle
}

fn exit_code(generated: &Generated) -> u8 {
    let proof = &generated.proof;
    if proof.holds() {
        return 0;
    }
    let mut all = proof.entities.iter().chain(&proof.vendor_made);
    let is_open = |it: &generate::Proven| {
        let isolation = it.isolation.as_ref().map(|it| it.verdict);
        let only_unknown = it
            .unmet
            .iter()
            .all(|it| it.verdict == crate::check::Verdict::Unknown);
        let exceeds = matches!(it.contained, generate::Containment::Exceeds(_));
        let superfluous = it
            .minimality
            .as_ref()
            .is_some_and(|it| !it.superfluous.is_empty());
        only_unknown && !exceeds && !superfluous && isolation != Some(Verdict::Escapes)
    };
    if all.all(is_open) { 3 } else { 1 }
}

pub(super) fn failure(failure: &Failure, profile: &Profile) -> String {
    match failure {
        Failure::Settings(errors) => setting_errors(errors),
        Failure::Limit { what, help } => format!("{what}\nhelp: {help}"),
        Failure::Nothing { actors } => format!(
            "nothing is needed of {} in these phases and features\nhelp: `rolecall profiles {}` \
             lists what each actor needs",
            actors.join(", "),
            profile.name
        ),
    }
}

/// Returns the command line that makes the same again.
fn command(args: &GenerateArgs) -> String {
    let mut words = vec!["rolecall generate".to_owned()];
    if let Some(profile) = &args.profile {
        words.extend(["--for".to_owned(), quoted(profile)]);
    }
    if args.generalise {
        words.push("--generalise".to_owned());
    }
    if args.all_features {
        words.push("--all-features".to_owned());
    }
    let many = [
        ("--from-calls", &args.from_calls),
        ("--var", &args.variables),
        ("--feature", &args.features),
        ("--phase", &args.phases),
        ("--actor", &args.actors),
        ("--scp", &args.scp),
    ];
    for (flag, values) in many {
        for value in values {
            words.extend([flag.to_owned(), quoted(value)]);
        }
    }
    let split = Split::WORDS.iter().find(|(_, it)| *it == args.split);
    if let Some((word, _)) = split.filter(|_| args.split != Split::None) {
        words.push(format!("--split {word}"));
    }
    words.push(format!("--format {}", args.format.word()));
    words.join(" ")
}

/// Returns the commands that judge the documents of each user and role that the customer makes.
fn checks(args: &GenerateArgs, generated: &Generated, files: &[emit::File]) -> Vec<String> {
    // Without a profile of its own there is nothing to judge by again.
    let Some(profile) = &args.profile else {
        return Vec::new();
    };
    let bundle = &generated.bundle;
    let file_of = |arn: &str| {
        let policy = bundle.policies.iter().find(|it| it.arn == arn)?;
        let name = format!("{}.json", policy.name);
        let file = files.iter().find(|it| it.path == name)?;
        Some(quoted(&format!("{}={arn}", file.path)))
    };
    let one = |entity: &generate::Entity| {
        let mut words = vec![format!("rolecall check --for {}", quoted(profile))];
        for (name, values) in &generated.settings.variables {
            words.push(format!(
                "--var {}",
                quoted(&format!("{name}={}", values.join(",")))
            ));
        }
        for (feature, on) in &generated.settings.features {
            let off = if *on { "" } else { "no-" };
            words.push(format!("--feature {off}{feature}"));
        }
        words.push(format!("--actor {}", quoted(&entity.actor)));
        words.extend(entity.attached.iter().filter_map(|it| file_of(it)));
        let boundary = entity.boundary.as_deref().and_then(file_of);
        words.extend(boundary.map(|it| format!("--boundary {it}")));
        let workload = bundle.policies.iter();
        let workload = workload.filter(|it| it.used_as == generate::PolicyUse::WorkloadBoundary);
        for file in workload.filter_map(|it| file_of(&it.arn)) {
            words.push(format!("--workload-boundary {file}"));
        }
        if entity.kind == generate::EntityKind::Role {
            let file = quoted(&format!("{}.trust.json={}", entity.name, entity.arn));
            words.push(format!("--trust {file}"));
        }
        words.push("--require isolated".to_owned());
        words.join(" \\\n  ")
    };
    bundle.entities.iter().map(one).collect()
}

/// A word that a shell takes as it is.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_./=:,@+".contains(it);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}
