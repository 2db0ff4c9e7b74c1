//! `rolecall rules`: every rule with what it says of itself.

use std::fmt::Write as _;
use std::io::Write as _;

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::rule;

/// List the rules of `lint`.
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

/// Runs the subcommand and returns the exit code, 0.
pub(super) fn run(args: &RulesArgs) -> u8 {
    let text = match args.format {
        Format::Text => text(),
        Format::Json => json_text(),
    };
    // A closed pipe is the reader's choice.
    let _ = std::io::stdout().write_all(text.as_bytes());
    0
}

fn text() -> String {
    let rules = rule::rules();
    let width = rules.iter().map(|it| it.meta.name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in rules {
        let meta = &rule.meta;
        let _ = writeln!(
            out,
            "{:width$}  {:16}  {:9}  {}",
            meta.name,
            meta.finding_type.as_str(),
            meta.persona.as_str(),
            meta.summary
        );
    }
    let fixes = rules.iter().filter(|it| it.meta.fix.is_some()).count();
    let _ = writeln!(
        out,
        "\n{} rules, {fixes} with a fix or a suggestion; `rolecall explain RULE` says more",
        rules.len()
    );
    out
}

fn json_text() -> String {
    let rules: Vec<_> = rule::rules()
        .iter()
        .map(|rule| {
            let meta = &rule.meta;
            let kinds: Vec<&str> = meta.kinds.iter().map(|it| it.as_str()).collect();
            json!({
                "name": meta.name,
                "summary": meta.summary,
                "type": meta.finding_type.as_str(),
                "scope": meta.scope.as_str(),
                "kinds": kinds,
                "persona": meta.persona.as_str(),
                "fix": meta.fix.map_or("none", |it| it.as_str()),
                "fix_reason": meta.fix_reason,
                "access_analyzer": meta.access_analyzer,
                "peers": meta.peers,
                "aliases": meta.aliases,
                "instead_of": meta.instead_of,
                "outranks": meta.outranks,
                "since": meta.since,
                "preview": meta.preview,
            })
        })
        .collect();
    format!(
        "{:#}\n",
        json!({ "schema": "rolecall/rules/v1", "rules": rules })
    )
}
