//! `rolecall lint`: what is wrong with policy files, and how to put it right.

mod files;
mod fixing;
mod output;
mod settings;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use clap::Args;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::catalog::load_static_catalog;
use super::words;
use crate::catalog::Catalog;
use crate::config::{Baseline, FailOn, Suppression};
use crate::finding::{self, Finding, FindingType};
use crate::policy::Kind;
use crate::report::lint::{Format, Report, Summary};
use crate::rule::{Job, LintedText, Memo, Persona, Selected, Selection, lint_text};
use crate::source::{FileId, Sources};

use files::Listed;
use settings::{Found, Lookup};

/// Say what is wrong with policy files.
#[derive(Debug, Args)]
#[command(
    after_help = "Settings are in `rolecall.toml`, the nearest one from each file upwards.\n\
                  Exit codes: 0 nothing at or above `--fail-on`; 1 findings; 2 wrong use or \
                  settings; 3 something was not read, no policy was found, or a rule failed."
)]
pub struct LintArgs {
    /// Files, folders, or `-` for standard input; the current folder by default.
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    /// What the policies are, where their text does not tell.
    #[arg(long, value_name = "KIND", value_parser = words::kind)]
    kind: Option<Kind>,
    /// How to print: text, concise, json, jsonl, sarif, github, gitlab, junit or markdown.
    #[arg(long, value_name = "FORMAT", value_parser = output::format, default_value = "text")]
    format: Format,
    /// Write the report to a file too, as `FORMAT:FILE`; may be repeated.
    #[arg(long, value_name = "FORMAT:FILE", value_parser = output::target)]
    output: Vec<(Format, String)>,
    /// When to use colours.
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = ["auto", "always", "never"])]
    color: String,
    /// Who reads the findings: developer, reviewer or auditor.
    #[arg(long, value_name = "PERSONA", value_parser = persona)]
    persona: Option<Persona>,
    /// Run only these rules.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,
    /// Do not run these rules.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Fail over findings of this type and worse: error, security-warning (the default), warning,
    /// suggestion or never.
    #[arg(long, value_name = "TYPE", value_parser = fail_on)]
    fail_on: Option<FailOn>,
    /// Use this settings file for every policy.
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    config: Option<String>,
    /// Use no settings file.
    #[arg(long)]
    isolated: bool,
    /// Read settings, suppressions and the baseline from a git revision, so that a change cannot
    /// exempt itself.
    #[arg(long, value_name = "REV", conflicts_with_all = ["isolated", "config"])]
    config_from: Option<String>,
    /// Print the settings that hold for the files, and end.
    #[arg(long)]
    show_settings: bool,
    /// Print which files would be looked at, and end.
    #[arg(long)]
    show_files: bool,
    /// Look into files that `.gitignore` names, too.
    #[arg(long)]
    no_gitignore: bool,
    /// The name of the text on standard input, by which settings are found.
    #[arg(long, value_name = "FILE")]
    stdin_filename: Option<String>,
    /// Make the fixes that change nothing of what is allowed.
    #[arg(long)]
    fix: bool,
    /// With `--fix` or `--diff`: also those that allow less.
    #[arg(long)]
    narrowing: bool,
    /// Show what `--fix` would do, and what it never does by itself; write nothing.
    #[arg(long, conflicts_with = "fix")]
    diff: bool,
    /// Do not show findings that this file knows.
    #[arg(long, value_name = "FILE")]
    baseline: Option<String>,
    /// Write all findings into this file, to be known from now on.
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<String>,
    /// Print how often each rule fires instead of the findings.
    #[arg(long)]
    statistics: bool,
    /// Print nothing but findings and errors.
    #[arg(long, short)]
    quiet: bool,
    /// Print the JSON Schema of `--format json`, and end.
    #[arg(long)]
    print_schema: bool,
    /// Use the catalog in the binary even if the cache has a newer one.
    #[arg(long)]
    builtin_catalog: bool,
}

/// One text to look at.
struct Work {
    file: FileId,
    name: String,
    /// Whether the user named it; then it has to be a policy.
    is_named: bool,
    settings: Found,
    /// The path relative to the folder of the settings.
    path: String,
    selected: Arc<Selected>,
    kind: Option<Kind>,
}

/// Runs the subcommand and returns the exit code.
pub(super) fn run(args: &LintArgs) -> u8 {
    match lint(args) {
        Ok(code) => code,
        Err(message) => {
            let message = super::input::lines_visible(&message);
            let _ = writeln!(anstream::stderr(), "error: {message}");
            2
        }
    }
}

fn lint(args: &LintArgs) -> Result<u8, String> {
    if args.print_schema {
        output::print(&crate::report::lint::schema());
        return Ok(0);
    }
    let catalog = load_static_catalog(args.builtin_catalog).map_err(|it| it.to_string())?;
    let mut sources = Sources::new();
    let mut lookup = Lookup::new(args, &mut sources)?;
    let listing = files::list(args, &mut lookup, &mut sources)?;
    if let Some(mistakes) = lookup.mistakes() {
        output::print_mistakes(&sources, &mistakes, args);
        return Ok(2);
    }
    if args.show_files {
        let names: Vec<&str> = listing.files.iter().map(|it| it.name.as_str()).collect();
        output::print_lines(&names);
        return Ok(if names.is_empty() { 3 } else { 0 });
    }
    let works = works(args, listing.files, &lookup)?;
    if args.show_settings {
        output::print(&settings::shown(args, &works, &lookup));
        return Ok(0);
    }
    let (mut works, changed) = if args.fix || args.diff {
        fixing::fix(args, works, &mut sources, &lookup, catalog)?
    } else {
        (works, Vec::new())
    };
    let results = look(&works, &sources, &lookup, catalog, args);
    let mut run = Run {
        args,
        catalog,
        lookup: &lookup,
        findings: Vec::new(),
        unread: listing.unread,
        summary: Summary {
            skipped: listing.skipped,
            ..Summary::default()
        },
        paths: BTreeMap::new(),
        settings: BTreeMap::new(),
    };
    for (work, linted) in works.drain(..).zip(results) {
        run.take(work, linted);
    }
    run.finish(&sources, &changed)
}

/// Says for each file which rules run on it.
fn works(args: &LintArgs, listed: Vec<Listed>, lookup: &Lookup) -> Result<Vec<Work>, String> {
    let mut resolved: FxHashMap<Selection, Arc<Selected>> = FxHashMap::default();
    let mut works = Vec::with_capacity(listed.len());
    for file in listed {
        let settings = lookup.get(file.settings);
        let mut selection = settings.selection_for(&file.path);
        if let Some(persona) = args.persona {
            selection.persona = persona;
        }
        if !args.select.is_empty() {
            selection.select.clone_from(&args.select);
        }
        selection.ignore.extend(args.ignore.iter().cloned());
        let selected = match resolved.get(&selection) {
            Some(known) => Arc::clone(known),
            None => {
                let new = Arc::new(selection.resolve().map_err(|it| unknown_rules(&it))?);
                resolved.insert(selection, Arc::clone(&new));
                new
            }
        };
        let kind = args.kind.or_else(|| settings.kind_of(&file.path));
        works.push(Work {
            file: file.file,
            name: file.name,
            is_named: file.is_named,
            settings: file.settings,
            path: file.path,
            selected,
            kind,
        });
    }
    Ok(works)
}

fn unknown_rules(unknown: &[crate::rule::UnknownRule]) -> String {
    let lines: Vec<String> = unknown
        .iter()
        .map(|it| {
            let help = match it.similar {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => "`rolecall rules` lists the rules".to_owned(),
            };
            format!("there is no rule `{}`: {help}", it.name)
        })
        .collect();
    lines.join("\n")
}

/// Looks at every text, on every core.
fn look(
    works: &[Work],
    sources: &Sources,
    lookup: &Lookup,
    catalog: &'static Catalog,
    args: &LintArgs,
) -> Vec<LintedText> {
    let progress = output::progress(works.len(), args.quiet);
    let hook = std::panic::take_hook();
    // A rule that fails is reported by its name; what the runtime would print helps nobody.
    std::panic::set_hook(Box::new(|_| {}));
    let results = works
        .par_iter()
        .with_min_len(share(works.len()))
        .map_init(
            || Memo::new(catalog),
            |memo, work| {
                let linted = lint_text(sources, work.file, job(work, lookup), memo);
                progress.inc(1);
                linted
            },
        )
        .collect();
    std::panic::set_hook(hook);
    progress.finish_and_clear();
    results
}

/// How many files one thread takes at a time. What a memo knows is worked out anew for each share, so
/// there are few of them.
fn share(files: usize) -> usize {
    (files / (2 * rayon::current_num_threads())).max(1)
}

fn job<'a>(work: &'a Work, lookup: &'a Lookup) -> Job<'a> {
    Job {
        selected: &work.selected,
        lists: &lookup.get(work.settings).lists,
        kind: work.kind,
    }
}

/// What a run comes to.
struct Run<'a> {
    args: &'a LintArgs,
    catalog: &'static Catalog,
    lookup: &'a Lookup,
    findings: Vec<(Finding, Found)>,
    unread: Vec<Finding>,
    summary: Summary,
    paths: BTreeMap<FileId, String>,
    settings: BTreeMap<FileId, Found>,
}

impl Run<'_> {
    fn take(&mut self, work: Work, linted: LintedText) {
        // In a folder much is JSON and no policy; only what the user named has to be one.
        let is_other = linted.documents.is_empty()
            && !work.is_named
            && linted.unread.iter().all(|it| it.rule == "not-a-policy");
        if is_other {
            self.summary.skipped += 1;
            return;
        }
        self.summary.files += 1;
        self.summary.documents += linted.documents.len();
        self.summary.failed_rules.extend(linted.failed);
        self.unread.extend(linted.unread);
        let settings = work.settings;
        self.findings
            .extend(linted.findings.into_iter().map(|it| (it, settings)));
        self.settings.insert(work.file, settings);
        self.paths.insert(work.file, work.path);
    }

    fn finish(mut self, sources: &Sources, changed: &[fixing::Changed]) -> Result<u8, String> {
        let mut shown = self.unsuppressed();
        let known = self.subtract_baseline(&mut shown)?;
        if let Some(name) = &self.args.write_baseline {
            let mut baseline = Baseline::default();
            for finding in &shown {
                baseline.add(finding, self.path(finding));
            }
            output::write_file(name, &baseline.to_text())?;
            output::note(
                self.args,
                &format!("wrote {} findings into `{name}`", shown.len()),
            );
            self.summary.baseline = shown.len();
            shown.clear();
        }
        if known > 0 {
            output::note(
                self.args,
                &format!("{known} findings of the baseline are gone: write it anew"),
            );
        }
        self.summary.failed_rules.sort_unstable();
        self.summary.failed_rules.dedup();
        finding::sort(&mut shown);
        finding::sort(&mut self.unread);
        self.summary.exit_code = self.exit_code(&shown);
        let report = Report {
            sources,
            findings: &shown,
            unread: &self.unread,
            summary: &self.summary,
            catalog: self.catalog.info(),
            paths: &self.paths,
        };
        output::write(self.args, &report, changed)?;
        Ok(self.summary.exit_code)
    }

    fn path(&self, finding: &Finding) -> &str {
        let file = finding.primary.location.file;
        self.paths.get(&file).map_or("", String::as_str)
    }

    /// Returns the findings that no suppression hides, and what is wrong with suppressions.
    fn unsuppressed(&mut self) -> Vec<Finding> {
        let today = output::today();
        let mut used: BTreeMap<(Found, usize), bool> = BTreeMap::new();
        let mut shown = Vec::new();
        for (finding, found) in std::mem::take(&mut self.findings) {
            let settings = self.lookup.get(found);
            let holds = |it: &Suppression| !it.is_expired(&today);
            let mut matching = settings.suppressions.entries.iter().enumerate();
            let hidden = matching
                .find(|(_, it)| holds(it) && it.matches(&finding, self.path(&finding)))
                .map(|(at, _)| at);
            match hidden {
                Some(at) => {
                    used.insert((found, at), true);
                    self.summary.suppressed += 1;
                }
                None => shown.push(finding),
            }
        }
        for found in self.lookup.all() {
            let suppressions = &self.lookup.get(found).suppressions;
            shown.extend(suppressions.malformed.iter().cloned());
            for (at, suppression) in suppressions.entries.iter().enumerate() {
                if suppression.is_expired(&today) {
                    shown.push(suppression.expired());
                } else if !used.contains_key(&(found, at)) && self.args.select.is_empty() {
                    shown.push(suppression.unmatched());
                }
            }
        }
        shown
    }

    /// Takes out what the baseline knows; returns how many of its findings are gone.
    fn subtract_baseline(&mut self, shown: &mut Vec<Finding>) -> Result<usize, String> {
        let Some(name) = &self.args.baseline else {
            return Ok(0);
        };
        let text = self.lookup.text_of(name)?;
        let mut baseline = Baseline::parse(&text).map_err(|it| format!("`{name}`: {it}"))?;
        let before = shown.len();
        let findings = std::mem::take(shown);
        for finding in findings {
            if !baseline.take(&finding, self.path(&finding)) {
                shown.push(finding);
            }
        }
        self.summary.baseline = before - shown.len();
        Ok(baseline.left())
    }

    fn exit_code(&self, shown: &[Finding]) -> u8 {
        // Each finding is held against the threshold of its own settings file, the command line
        // first.
        let threshold = |finding: &Finding| {
            let default = FailOn::Type(FindingType::SecurityWarning);
            let found = self.settings.get(&finding.primary.location.file);
            let own = || found.and_then(|it| self.lookup.get(*it).fail_on);
            self.args.fail_on.or_else(own).unwrap_or(default)
        };
        let fails = shown.iter().any(|it| threshold(it).fails(it.finding_type));
        let incomplete = !self.unread.is_empty()
            || !self.summary.failed_rules.is_empty()
            || self.summary.documents == 0;
        match (fails, incomplete) {
            (true, _) => 1,
            (false, true) => 3,
            (false, false) => 0,
        }
    }
}

fn persona(name: &str) -> Result<Persona, String> {
    Persona::parse(name).ok_or_else(|| {
        let names: Vec<&str> = Persona::ALL.iter().map(|it| it.as_str()).collect();
        format!("there is no such persona: known are {}", names.join(", "))
    })
}

fn fail_on(name: &str) -> Result<FailOn, String> {
    FailOn::parse(name).ok_or_else(|| {
        "known are error, security-warning, warning, suggestion and never".to_owned()
    })
}
