//! `rolecall explain RULE`: the page of a rule.

use std::io::Write as _;

use clap::Args;

use crate::rule;

/// Say what a rule finds, why that matters, and when to ignore it.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The name of a rule, another name of it, or a code of IAM Access Analyzer.
    #[arg(value_name = "RULE")]
    name: String,
}

/// Runs the subcommand and returns the exit code: 0, or 2 for an unknown name.
pub(super) fn run(args: &ExplainArgs) -> u8 {
    let by_code = || {
        let mut rules = rule::rules().iter();
        rules.find(|it| it.meta.access_analyzer.contains(&args.name.as_str()))
    };
    let Some(rule) = rule::find(&args.name).or_else(by_code) else {
        let similar = rule::unknown(&args.name).and_then(|it| it.similar);
        let help = similar.map_or("`rolecall rules` lists the rules".to_owned(), |it| {
            format!("did you mean `{it}`?")
        });
        let name = super::input::lines_visible(&args.name);
        let _ = writeln!(
            anstream::stderr(),
            "error: there is no rule `{name}`: {help}"
        );
        return 2;
    };
    let meta = &rule.meta;
    let mut text = format!("# {}\n{}\n\n", meta.name, meta.summary);
    let kinds: Vec<&str> = meta.kinds.iter().map(|it| it.as_str()).collect();
    let mut row = |name: &str, value: String| {
        if !value.is_empty() {
            text.push_str(&format!("- {name}: {value}\n"));
        }
    };
    row("type", meta.finding_type.as_str().into());
    row("persona", meta.persona.as_str().into());
    row("policy kinds", kinds.join(", "));
    row("fix", meta.fix.map_or("none", |it| it.as_str()).into());
    row("the fix may break a caller", meta.fix_reason.into());
    row("also found as", meta.aliases.join(", "));
    row("IAM Access Analyzer", meta.access_analyzer.join(", "));
    row("other tools", meta.peers.join(", "));
    if meta.preview {
        row("preview", "it only runs when it is selected by name".into());
    }
    text.push('\n');
    text.push_str(meta.body());
    text.push('\n');
    // A closed pipe is the reader's choice.
    let _ = std::io::stdout().write_all(text.as_bytes());
    0
}
