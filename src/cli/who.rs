//! `rolecall who`: who gets in by a policy of a resource or role, and under which conditions?

use std::fmt::Write as _;
use std::io::Write as _;

use clap::Args;
use serde_json::{Value, json};

use super::access::family::check_action;
use super::catalog::{catalog_line, load_catalog};
use super::guests::{self, Format, Guests};
use super::public::notes;
use super::simulate::Refusal;
use super::simulate::json::finding as finding_json;
use super::words;
use crate::analyze::{Analysis, Entrance, Entrances, Guest, family};
use crate::catalog::Catalog;
use crate::policy::{Effect, Kind, Statement};
use crate::report::text::visible;
use crate::source::Location;

/// Say who gets in by a policy of a resource or role.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 somebody gets in; 1 nobody does; 2 wrong use; 3 not decided, or \
                        something was not read."
)]
pub struct WhoArgs {
    /// Policies of one resource, or of one role.
    #[arg(value_name = "POLICY", required = true)]
    files: Vec<String>,
    /// What they are, where their text does not tell: `resource` or `trust`.
    #[arg(long, value_name = "KIND", value_parser = words::kind)]
    kind: Option<Kind>,
    /// The action, with `*` and `?` as in policies.
    #[arg(long, value_name = "ACTION")]
    action: String,
    /// The resource, with `*` and `?` as in policies.
    #[arg(long, value_name = "ARN", default_value = "*")]
    resource: String,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Use the catalog in the binary even if the cache has a newer one.
    #[arg(long)]
    builtin_catalog: bool,
}

/// Everything that an answer is made of.
struct Answer<'a> {
    args: &'a WhoArgs,
    guests: &'a Guests,
    entrances: &'a Entrances,
    catalog: &'a Catalog,
    verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Somebody,
    Nobody,
    Unknown,
}

/// Runs the subcommand and returns the exit code: 0 somebody, 1 nobody, 2 wrong use, 3 not decided.
pub(super) fn run(args: &WhoArgs) -> u8 {
    let (message, code) = match who(args) {
        Ok(code) => return code,
        Err(Refusal::Use(message)) => (message, 2),
        Err(Refusal::UnknownName(message)) => (message, 3),
    };
    let message = super::input::lines_visible(&message);
    let _ = writeln!(anstream::stderr(), "error: {message}");
    code
}

fn who(args: &WhoArgs) -> Result<u8, Refusal> {
    let catalog = load_catalog(args.builtin_catalog).map_err(|it| Refusal::Use(it.to_string()))?;
    check_action("--action", &args.action, &catalog)?;
    let guests = guests::load(&args.files, args.kind).map_err(Refusal::Use)?;
    let family = [family(
        std::slice::from_ref(&args.action),
        std::slice::from_ref(&args.resource),
        &[],
    )];
    let analysis = Analysis::new(&catalog);
    let entrances = analysis.entrances(&guests.documents, &family, &args.action);
    let refused = guests.documents.iter().any(|it| it.refusal().is_some());
    let is_open = refused || !entrances.doubts.is_empty() || !guests.loaded.unread.is_empty();
    let verdict = match (entrances.open.is_empty(), is_open) {
        (_, true) => Verdict::Unknown,
        (true, _) => Verdict::Nobody,
        _ => Verdict::Somebody,
    };
    let answer = Answer {
        args,
        guests: &guests,
        entrances: &entrances,
        catalog: &catalog,
        verdict,
    };
    let shown = match args.format {
        Format::Text => text(&answer),
        Format::Json => format!("{:#}\n", json_of(&answer)),
    };
    // A closed pipe (`| head`) is no failure of ours.
    let _ = anstream::stdout().write_all(shown.as_bytes());
    Ok(match verdict {
        Verdict::Somebody => 0,
        Verdict::Nobody => 1,
        Verdict::Unknown => 3,
    })
}

fn line(out: &mut String, text: &str) {
    let _ = writeln!(out, "{}", visible(text));
}

fn statement(guests: &Guests, document: usize, at: usize) -> Option<&Statement> {
    guests.documents.get(document)?.statements.get(at)
}

/// The name of a statement with where it stands.
fn place(guests: &Guests, document: usize, at: usize) -> String {
    let Some(statement) = statement(guests, document, at) else {
        return String::new();
    };
    let name = statement.name(at);
    match guests.documents[document].file {
        Some(file) => {
            let span = statement.span;
            let sources = &guests.loaded.sources;
            let from = sources.line_column(Location { file, span });
            format!("{name} ({}:{})", sources.get(file).name, from.line)
        }
        None => name,
    }
}

fn entry(statement: &Statement, at: Option<usize>) -> &str {
    let element = statement.principal.as_ref();
    let entry = at.and_then(|at| element?.entries.get(at));
    entry.map_or("", |it| &*it.text)
}

fn guest(statement: &Statement, entrance: &Entrance) -> String {
    let name = entry(statement, entrance.entry);
    let but = match (&statement.principal, entrance.entry) {
        (Some(element), None) if element.negated => {
            let names: Vec<&str> = element.entries.iter().map(|it| &*it.text).collect();
            format!(", but not {}", words::some(&names))
        }
        _ => String::new(),
    };
    match entrance.guest {
        Guest::Anonymous => format!("everybody, also without a signature{but}"),
        Guest::AnyAccount => format!("callers of every AWS account{but}"),
        Guest::Service if but.is_empty() && !name.contains('.') => "AWS services".into(),
        Guest::Service if name.is_empty() => format!("AWS services{but}"),
        Guest::Provider if name.is_empty() || name == "*" => {
            format!("every identity provider{but}")
        }
        Guest::Account => format!("callers of the account `{name}` whom its own policies let"),
        Guest::Role => format!("sessions of the role `{name}`"),
        Guest::User => format!("the user `{name}`"),
        Guest::Session => format!("the session `{name}`"),
        Guest::Service => format!("the service `{name}`"),
        Guest::Provider => format!("those for whom `{name}` speaks"),
        Guest::Id => format!("the caller with the id `{name}`"),
    }
}

fn text(answer: &Answer<'_>) -> String {
    let mut out = String::new();
    let guests = answer.guests;
    let asked = match answer.args.resource.as_str() {
        "*" => format!("`{}`", answer.args.action),
        resource => format!("`{}` on `{resource}`", answer.args.action),
    };
    let open = &answer.entrances.open;
    line(
        &mut out,
        &match answer.verdict {
            Verdict::Nobody => format!("nobody may call {asked}"),
            Verdict::Somebody => format!("{asked} is open to:"),
            Verdict::Unknown if open.is_empty() => {
                format!("unknown: who may call {asked} could not be decided")
            }
            Verdict::Unknown => format!("unknown whether these are all; {asked} is open to:"),
        },
    );
    for it in open.iter().filter(|it| !is_implied(it, open)) {
        let Some(own) = statement(guests, it.document, it.statement) else {
            continue;
        };
        let conditions = words::conditions(own);
        let only = if conditions.is_empty() {
            String::new()
        } else {
            format!(", if {conditions}")
        };
        let by = place(guests, it.document, it.statement);
        line(&mut out, &format!("- {}{only}: {by}", guest(own, it)));
        let example = words::request_of_caller(&it.witness.request);
        line(&mut out, &format!("  for example {example}"));
    }
    for (document, at, of) in &answer.entrances.shut {
        let Some(own) = statement(guests, *document, *at) else {
            continue;
        };
        if !may_name(answer, own) {
            continue;
        }
        let by = place(guests, *document, *at);
        let name = entry(own, *of);
        line(&mut out, &format!("not `{name}`, whom {by} names in vain"));
    }
    let denies: Vec<String> = denies(answer);
    if !denies.is_empty() && !open.is_empty() {
        line(&mut out, "except where one of these denies:");
        for deny in denies {
            line(&mut out, &format!("- {deny}"));
        }
    }
    notes(&mut out, guests, &answer.entrances.doubts);
    line(&mut out, &catalog_line(answer.catalog.info()));
    out
}

/// Whether the same name lets in others who include these.
fn is_implied(entrance: &Entrance, all: &[Entrance]) -> bool {
    let of = |it: &Entrance| (it.document, it.statement, it.entry);
    let has = |guest| {
        let same = |it: &&Entrance| of(it) == of(entrance);
        all.iter().filter(same).any(|it| it.guest == guest)
    };
    match entrance.guest {
        Guest::AnyAccount => has(Guest::Anonymous),
        Guest::Service => has(Guest::Anonymous) || has(Guest::AnyAccount),
        _ => false,
    }
}

/// Whether a statement names the action at all, so that it is worth a word that it lets nobody in.
fn may_name(answer: &Answer<'_>, statement: &Statement) -> bool {
    let action = &answer.args.action;
    let folded = action.to_ascii_lowercase();
    let mut patterns = statement.action.patterns.iter();
    let is_family = action.contains(['*', '?']);
    is_family || patterns.any(|it| it.matches(action, &folded)) != statement.action.negated
}

/// The Deny statements in words.
fn denies(answer: &Answer<'_>) -> Vec<String> {
    let guests = answer.guests;
    let mut denies = Vec::new();
    for (document, it) in guests.documents.iter().enumerate() {
        for (at, statement) in it.statements.iter().enumerate() {
            if statement.effect == Effect::Deny && may_name(answer, statement) {
                let conditions = words::conditions(statement);
                let when = if conditions.is_empty() {
                    String::new()
                } else {
                    format!(", if {conditions}")
                };
                denies.push(format!("{}{when}", place(guests, document, at)));
            }
        }
    }
    denies
}

fn json_of(answer: &Answer<'_>) -> Value {
    let guests = answer.guests;
    let loaded = &guests.loaded;
    let sources = &loaded.sources;
    let at = |document: usize, index: usize| {
        let statement = statement(guests, document, index);
        let file = guests.documents.get(document).and_then(|it| it.file);
        let location = file.zip(statement).map(|(file, it)| Location {
            file,
            span: it.span,
        });
        let line = location.map(|it| sources.line_column(it).line);
        json!({
            "file": file.map(|it| sources.get(it).name.clone()),
            "line": line,
            "sid": statement.and_then(|it| it.sid.as_ref()).map(|it| it.text.clone()),
            "statement": index,
        })
    };
    let open: Vec<Value> = answer
        .entrances
        .open
        .iter()
        .filter_map(|it| {
            let own = statement(guests, it.document, it.statement)?;
            Some(json!({
                "kind": it.guest.as_str(),
                "name": it.entry.map(|at| entry(own, Some(at))),
                "text": guest(own, it),
                "conditions": words::conditions_json(own),
                "at": at(it.document, it.statement),
                "example": words::witness_json(&it.witness),
            }))
        })
        .collect();
    let shut: Vec<Value> = answer
        .entrances
        .shut
        .iter()
        .filter_map(|(document, index, of)| {
            let own = statement(guests, *document, *index)?;
            let named = may_name(answer, own);
            named.then(|| json!({ "name": entry(own, *of), "at": at(*document, *index) }))
        })
        .collect();
    let info = answer.catalog.info();
    json!({
        "schema": "rolecall/who/v1",
        "verdict": match answer.verdict {
            Verdict::Somebody => "somebody",
            Verdict::Nobody => "nobody",
            Verdict::Unknown => "unknown",
        },
        "who": open,
        "inVain": shut,
        "undecided": words::doubts_json(&answer.entrances.doubts),
        "findings": loaded.findings.iter().map(|it| finding_json(it, sources)).collect::<Vec<_>>(),
        "unread": loaded.unread.iter().map(|it| finding_json(it, sources)).collect::<Vec<_>>(),
        "catalog": { "date": info.date, "hash": info.hash },
    })
}
