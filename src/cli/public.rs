//! `rolecall public`: does a policy let in the public, or anybody outside a trust zone?

use std::fmt::Write as _;
use std::io::Write as _;

use clap::Args;
use serde_json::{Value, json};

use super::catalog::{catalog_line, load_catalog};
use super::deciding::{self, Place, list};
use super::guests::{self, Format, Guests};
use super::simulate::json::{finding as finding_json, place as place_json};
use super::words;
use crate::analyze::{Analysis, OpenStatement, Openness, Reach, Zone};
use crate::arn::is_account_id;
use crate::catalog::Catalog;
use crate::evaluate::{Layer, Principal, explain_documents};
use crate::finding::{Finding, FindingType};
use crate::policy::{Condition, Effect, Kind, Statement};
use crate::report::text::{Options, findings, visible};
use crate::source::{FileId, Location};

/// Say whether a policy of a resource or role lets in the public, or anybody outside a trust zone.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 never, or conditionally without `--strict`; 1 yes; 2 wrong use; 3 \
                        not decided, or something was not read."
)]
pub struct PublicArgs {
    /// Policies of one resource, or of one role.
    #[arg(value_name = "POLICY", required = true)]
    files: Vec<String>,
    /// What they are, where their text does not tell: `resource` or `trust`.
    #[arg(long, value_name = "KIND", value_parser = words::kind)]
    kind: Option<Kind>,
    /// Whom you trust; everybody else is outside. Without it: whatever the policy names by fixed
    /// values.
    #[arg(long, value_name = "org=ID|account=ID", num_args = 1.., value_delimiter = ',')]
    trust_zone: Vec<String>,
    /// Conditionally is too much, too: exit with 1.
    #[arg(long)]
    strict: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Use the catalog in the binary even if the cache has a newer one.
    #[arg(long)]
    builtin_catalog: bool,
}

/// Colours are sent; `anstream` takes them out where they do not belong.
const OPTIONS: Options = Options {
    color: true,
    width: None,
};

/// Everything that an answer is made of.
struct Answer<'a> {
    guests: &'a Guests,
    openness: &'a Openness,
    catalog: &'a Catalog,
    has_zone: bool,
    /// `never`, `conditionally`, `yes` or `unknown`.
    verdict: &'static str,
}

/// Runs the subcommand and returns the exit code: 0 not public, 1 public, 2 wrong use, 3 not
/// decided.
pub(super) fn run(args: &PublicArgs) -> u8 {
    match public(args) {
        Ok(code) => code,
        Err(message) => {
            let message = super::input::lines_visible(&message);
            let _ = writeln!(anstream::stderr(), "error: {message}");
            2
        }
    }
}

fn public(args: &PublicArgs) -> Result<u8, String> {
    let zone = read_zone(&args.trust_zone)?;
    let guests = guests::load(&args.files, args.kind)?;
    let catalog = load_catalog(args.builtin_catalog).map_err(|it| it.to_string())?;
    let openness = Analysis::new(&catalog).openness(&guests.documents, &zone);
    let refused = guests.documents.iter().any(|it| it.refusal().is_some());
    let is_open = refused || !openness.doubts.is_empty() || !guests.loaded.unread.is_empty();
    let (verdict, code) = match openness.reach {
        Reach::Yes => ("yes", 1),
        _ if is_open => ("unknown", 3),
        Reach::Conditionally => ("conditionally", u8::from(args.strict)),
        Reach::Never => ("never", 0),
    };
    let answer = Answer {
        guests: &guests,
        openness: &openness,
        catalog: &catalog,
        has_zone: !zone.is_empty(),
        verdict,
    };
    let shown = match args.format {
        Format::Text => text(&answer),
        Format::Json => format!("{:#}\n", json_of(&answer)),
    };
    // A closed pipe (`| head`) is no failure of ours.
    let _ = anstream::stdout().write_all(shown.as_bytes());
    Ok(code)
}

fn read_zone(texts: &[String]) -> Result<Zone, String> {
    let mut zone = Zone::default();
    for text in texts {
        match text.split_once('=') {
            Some(("account", id)) if is_account_id(id) => zone.accounts.push(id.to_owned()),
            Some(("org", id)) if id.starts_with("o-") && !id.contains(['*', '?', '/']) => {
                zone.organizations.push(id.to_owned());
            }
            _ => {
                return Err(format!(
                    "`--trust-zone {text}`: write `account=` and twelve digits, or `org=o-…`"
                ));
            }
        }
    }
    Ok(zone)
}

fn line(out: &mut String, text: &str) {
    let _ = writeln!(out, "{}", visible(text));
}

fn text(answer: &Answer<'_>) -> String {
    let mut out = String::new();
    let openness = answer.openness;
    let whom = if answer.has_zone {
        "outside the trust zone"
    } else {
        "whom the policy does not name"
    };
    line(
        &mut out,
        &match answer.verdict {
            "yes" => format!("yes: callers {whom} get in"),
            "conditionally" => {
                format!("conditionally: callers {whom} get in, but only as follows")
            }
            "never" => format!("never: nobody {whom} gets in"),
            _ => "unknown: not everything could be decided".to_owned(),
        },
    );
    let shown: Vec<Finding> = openness
        .statements
        .iter()
        .filter_map(|it| finding(answer, it))
        .collect();
    if !shown.is_empty() {
        out.push('\n');
        out.push_str(&findings(&answer.guests.loaded.sources, &shown, OPTIONS));
    }
    notes(&mut out, answer.guests, &openness.doubts);
    if !answer.has_zone && openness.reach != Reach::Yes {
        let zone = &openness.zone;
        let names: Vec<&String> = zone.accounts.iter().chain(&zone.organizations).collect();
        if !names.is_empty() {
            line(
                &mut out,
                &format!(
                    "not counted as public, as the policy names them: {} (`--trust-zone` says whom you trust)",
                    list(&names)
                ),
            );
        }
    }
    line(&mut out, &catalog_line(answer.catalog.info()));
    out
}

/// What was not read, what is wrong with what was, and what was not decided.
pub(super) fn notes(out: &mut String, guests: &Guests, doubts: &[crate::analyze::Doubt]) {
    let loaded = &guests.loaded;
    let all: Vec<Finding> = loaded
        .unread
        .iter()
        .chain(&loaded.findings)
        .cloned()
        .collect();
    if !all.is_empty() {
        out.push('\n');
        out.push_str(&findings(&loaded.sources, &all, OPTIONS));
    }
    out.push('\n');
    for document in &guests.documents {
        if let Some(problem) = document.refusal() {
            line(out, &format!("AWS refuses a document: {}", problem.message));
        }
    }
    for doubt in doubts {
        line(out, &format!("not decided: {}", words::doubt(doubt)));
    }
}

fn statement<'a>(guests: &'a Guests, open: &OpenStatement) -> Option<(&'a Statement, Place<'a>)> {
    let document = guests.documents.get(open.document)?;
    let statement = document.statements.get(open.statement)?;
    let request = &open.witness.request;
    let documents = std::slice::from_ref(document);
    let traces = explain_documents(Layer::Resource, documents, request);
    let place = deciding::place(traces.get(open.statement)?, request);
    Some((statement, place))
}

/// The conditions that fix a source, with the effect of their statement.
fn ties<'a>(
    guests: &'a Guests,
    open: &'a OpenStatement,
) -> impl Iterator<Item = (Option<FileId>, Effect, &'a Condition)> {
    open.ties.iter().filter_map(|(document, statement, at)| {
        let document = guests.documents.get(*document)?;
        let statement = document.statements.get(*statement)?;
        Some((
            document.file,
            statement.effect,
            statement.conditions.get(*at)?,
        ))
    })
}

/// What lets outsiders in, in words.
fn how(guests: &Guests, open: &OpenStatement) -> String {
    // A Deny of two conditions leaves what fails either.
    let mut groups: Vec<((usize, usize), &str, Vec<String>)> = Vec::new();
    for ((document, statement, _), (_, effect, condition)) in
        open.ties.iter().zip(ties(guests, open))
    {
        let mut condition = condition.clone();
        if let Some(operator) = condition.operator.as_mut().filter(|it| it.negated) {
            // What a negated operator of a Deny leaves is what the plain one matches.
            (operator.negated, operator.if_exists) = (false, false);
        }
        let text = words::condition(&condition);
        let place = (*document, *statement);
        match groups.last_mut().filter(|it| it.0 == place) {
            Some((_, _, texts)) => texts.push(text),
            None if effect == Effect::Deny => groups.push((place, " or ", vec![text])),
            None => groups.push((place, " and ", vec![text])),
        }
    }
    let ties: Vec<String> = groups
        .into_iter()
        .map(|(_, join, texts)| texts.join(join))
        .collect();
    let only = match ties.as_slice() {
        [] => String::new(),
        some => format!(", only if {}", some.join(" and ")),
    };
    if let Principal::Federated(provider) = &open.witness.request.principal {
        return format!("lets in everybody to whom `{provider}` gives a token{only}");
    }
    match (open.reach, open.through_service) {
        (Reach::Yes, _) => "lets outsiders in".into(),
        (_, true) => {
            let service = open.witness.request.principal.text().unwrap_or_default();
            let service = match service {
                "some-service.amazonaws.com" => "an AWS service".to_owned(),
                name => format!("`{name}`"),
            };
            format!("lets outsiders in through {service}, which calls for them{only}")
        }
        _ => format!("lets outsiders in{only}"),
    }
}

fn finding(answer: &Answer<'_>, open: &OpenStatement) -> Option<Finding> {
    let (statement, place) = self::statement(answer.guests, open)?;
    let file = place.file?;
    let element = statement.principal.as_ref();
    let span = element.map_or(place.span, |it| it.span);
    let finding_type = match open.reach {
        Reach::Yes => FindingType::SecurityWarning,
        _ => FindingType::Warning,
    };
    let message = format!("{} {}", place.name, how(answer.guests, open));
    let location = |span| Location { file, span };
    let mut finding = Finding::new("public-access", finding_type, location(span), message);
    for (file, effect, condition) in ties(answer.guests, open) {
        let text = match effect {
            Effect::Allow => "only from here",
            Effect::Deny => "denied from elsewhere",
        };
        if let Some(file) = file {
            let span = condition.values_span;
            finding = finding.related(Location { file, span }, text);
        }
    }
    let example = words::request_of_caller(&open.witness.request);
    let finding = finding.why(format!("for example {example}"));
    Some(match (open.reach, open.through_service) {
        (Reach::Conditionally, true) if open.ties.is_empty() => finding.help(
            "name the account or organization of the source: `aws:SourceAccount`, `aws:SourceArn` or `aws:SourceOrgID`",
        ),
        _ => finding,
    })
}

fn json_of(answer: &Answer<'_>) -> Value {
    let loaded = &answer.guests.loaded;
    let sources = &loaded.sources;
    let openness = answer.openness;
    let statements: Vec<Value> = openness
        .statements
        .iter()
        .filter_map(|open| {
            let (_, place) = statement(answer.guests, open)?;
            let ties = ties(answer.guests, open).map(|(_, _, it)| it);
            let ties: Vec<Value> = ties.map(words::condition_json).collect();
            Some(json!({
                "at": place_json(&place, place.span, sources),
                "public": reach(open.reach),
                "throughService": open.through_service,
                "onlyIf": ties,
                "text": how(answer.guests, open),
                "example": words::witness_json(&open.witness),
            }))
        })
        .collect();
    let info = answer.catalog.info();
    json!({
        "schema": "rolecall/public/v1",
        "verdict": answer.verdict,
        "zone": {
            "given": answer.has_zone,
            "accounts": openness.zone.accounts,
            "organizations": openness.zone.organizations,
        },
        "statements": statements,
        "undecided": words::doubts_json(&openness.doubts),
        "findings": loaded.findings.iter().map(|it| finding_json(it, sources)).collect::<Vec<_>>(),
        "unread": loaded.unread.iter().map(|it| finding_json(it, sources)).collect::<Vec<_>>(),
        "catalog": { "date": info.date, "hash": info.hash },
    })
}

const fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Never => "never",
        Reach::Conditionally => "conditionally",
        Reach::Yes => "yes",
    }
}
