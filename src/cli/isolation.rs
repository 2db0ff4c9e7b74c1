//! `rolecall isolation`: what could somebody with this access become?

use std::io::{IsTerminal as _, Write as _};

use clap::{Args, ValueEnum};

use super::catalog::load_catalog;
use super::named::Named;
use super::policies::{self, LoadedPolicies, PolicyArgs};
use crate::analyze::Analysis;
use crate::evaluate::Principal;
use crate::isolation::{self, Input, Verdict};
use crate::report;
use crate::report::isolation::Shown;
use crate::report::text::Options;

/// Search for ways beyond what access allows: every step that changes authority, and what it opens.
#[derive(Debug, Args)]
#[command(
    after_help = "A policy may be followed by its ARN, `policy.json=arn:aws:iam::…:policy/name`: \
                  without it nobody can say whether a pattern means the policy itself.\n\
                  Exit codes: 0 isolated; 1 there is a way out; 2 wrong use; 3 neither could be \
                  shown, or something was not read."
)]
pub struct IsolationArgs {
    /// Identity policies of the vendor's user or role.
    #[arg(value_name = "POLICY[=ARN]")]
    policies: Vec<String>,
    #[command(flatten)]
    layers: PolicyArgs,
    /// A boundary that roles carry which the vendor creates, where it is not the vendor's own.
    #[arg(long, value_name = "FILE[=ARN]", num_args = 1..)]
    workload_boundary: Vec<String>,
    /// The ARN of the vendor's user or role.
    #[arg(long, value_name = "ARN")]
    principal: Option<String>,
    /// How names of the vendor's own objects begin: `/Vendor/` for a path, `vendor-` for names.
    #[arg(long = "path-prefix", value_name = "PREFIX")]
    path_prefixes: Vec<String>,
    /// A tag that the vendor's own objects have.
    #[arg(long = "tag", value_name = "KEY=VALUE")]
    tags: Vec<String>,
    /// Another role or user of the account that has no boundary.
    #[arg(long = "unbounded", value_name = "ARN")]
    unbounded: Vec<String>,
    /// The whole account is the vendor's: only ways out of it count.
    #[arg(long)]
    dedicated_account: bool,
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

/// Runs the subcommand and returns the exit code.
#[must_use]
pub fn run(args: &IsolationArgs) -> u8 {
    match isolate(args) {
        Ok(code) => code,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "error: {message}");
            2
        }
    }
}

fn isolate(args: &IsolationArgs) -> Result<u8, String> {
    let mut named = Named::default();
    let mut layers = args.layers.clone();
    layers.identity.splice(0..0, args.policies.iter().cloned());
    named.layers(&mut layers);
    let workload = named.files(&args.workload_boundary);
    layers.of_principal(args.principal.as_deref());
    if !layers.has_own() {
        return Err(
            "no policy was given\nhelp: name the vendor's identity policies: `rolecall \
                    isolation policy.json`, or `-` for standard input"
                .into(),
        );
    }
    let loaded = policies::load_with_boundaries(&layers, &workload).map_err(|it| it.to_string())?;
    let replayed = loaded.snapshot.as_ref();
    let own = args.principal.as_deref();
    let principal = match own.or(replayed.map(|it| it.principal.as_str())) {
        None => None,
        Some(text) => Some(Principal::parse(text).ok_or_else(|| {
            format!("`--principal {text}` is no ARN of a user, role, session or root user")
        })?),
    };
    let tags = tags(&args.tags)?;
    let catalog = load_catalog(args.builtin_catalog).map_err(|it| it.to_string())?;
    let oracle = Analysis {
        open_actions: false,
        ..Analysis::new(&catalog)
    };
    let arns = named.of(&loaded);
    let trusts: Vec<_> = loaded.trust.iter().cloned().collect();
    let input = Input {
        policies: &loaded.policies,
        trusts: &trusts,
        workload_boundaries: &loaded.workload_boundaries,
        arns: &arns,
        principal: principal.as_ref(),
        path_prefixes: &args.path_prefixes,
        own_marks: &[],
        own: &[],
        tags: &tags,
        principals: &args.unbounded,
        must_not: &[],
        dedicated_account: args.dedicated_account,
        catalog: &catalog,
        oracle: &oracle,
        unread: !loaded.unread.is_empty(),
        accepts: None,
        remedies: true,
    };
    let found = isolation::run(&input);
    let shown = Shown {
        report: &found,
        sources: &loaded.sources,
        findings: &loaded.findings,
        unread: &loaded.unread,
        assumptions: &loaded.assumptions,
        catalog: catalog.info(),
    };
    print(&shown, &loaded, args.format);
    Ok(match found.verdict {
        Verdict::Isolated => 0,
        Verdict::Escapes => 1,
        Verdict::Unknown => 3,
    })
}

fn tags(texts: &[String]) -> Result<Vec<(String, String)>, String> {
    let split = |text: &String| {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| format!("`--tag {text}`: write `--tag KEY=VALUE`"))?;
        Ok((key.to_owned(), value.to_owned()))
    };
    texts.iter().map(split).collect()
}

fn print(shown: &Shown<'_>, loaded: &LoadedPolicies, format: Format) {
    let mut out = anstream::AutoStream::auto(std::io::stdout().lock());
    let text = match format {
        Format::Json => format!(
            "{:#}\n",
            loaded.with_snapshot(report::isolation::json(shown))
        ),
        Format::Text => {
            let width = std::io::stdout().is_terminal().then_some(100);
            report::isolation::text(shown, Options { color: true, width })
        }
    };
    // A closed pipe is the reader's choice.
    let _ = out.write_all(text.as_bytes());
}
