//! Holds a rule against the examples of its page.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rolecall::catalog::Catalog;
use rolecall::finding::{Finding, FixClass};
use rolecall::fix::fix_text;
use rolecall::policy::Kind;
use rolecall::report::text::{self, Options};
use rolecall::rule::{
    Check, Job, LintedText, Lists, Memo, RequiredCondition, Rule, Selected, Selection, lint_text,
};
use rolecall::source::Sources;

use crate::page::{Block, HEADINGS, blocks};

/// Checks everything that a rule's folder promises.
pub(crate) fn check(rule: &'static Rule) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("rules")
        .join(rule.meta.name);
    let mut problems = headings(&std::fs::read_to_string(folder.join("rule.md")).unwrap());
    let mut seen = Seen::default();
    for name in ["rule.md", "cases.md"] {
        let path = folder.join(name);
        if path.is_file() {
            problems.extend(check_page(rule, &path, &mut seen)?);
        }
    }
    if seen.bad == 0 {
        problems.push("no `json bad` example".into());
    }
    if seen.good == 0 {
        problems.push("no `json good` example: what is a near miss?".into());
    }
    if let Some(fix) = rule.meta.fix
        && !seen.classes.contains(&fix)
    {
        problems.push(format!(
            "`fix = \"{}\"`, and no example shows such a fix (shown: {:?})",
            fix.as_str(),
            seen.classes
        ));
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(problems.join("\n"))
}

#[derive(Default)]
struct Seen {
    bad: usize,
    good: usize,
    classes: Vec<FixClass>,
}

fn headings(page: &str) -> Vec<String> {
    let own: Vec<&str> = page.lines().filter(|it| it.starts_with("## ")).collect();
    if own == HEADINGS {
        return Vec::new();
    }
    vec![format!("the headings are {HEADINGS:?}, in this order")]
}

fn check_page(rule: &'static Rule, path: &Path, seen: &mut Seen) -> Result<Vec<String>, String> {
    let bless = std::env::var_os("BLESS").is_some();
    let mut page = std::fs::read_to_string(path).unwrap();
    let mut problems = Vec::new();
    let mut at = 0;
    // Blessing moves what follows, so the page is read again after each block.
    loop {
        let all = blocks(&page)?;
        let Some(block) = all.get(at) else { break };
        let next = |role: &str, from: usize| all.get(from).filter(|it| it.role == role);
        let place = || format!("{}:{}", path.file_name().unwrap().display(), block.line);
        match block.role.as_str() {
            "good" => {
                seen.good += 1;
                let linted = lint(rule, block);
                if !linted.text.findings.is_empty() || !linted.text.unread.is_empty() {
                    let shown = linted.shown(rule);
                    problems.push(format!(
                        "{}: a good example has findings:\n{shown}",
                        place()
                    ));
                }
            }
            "bad" => {
                seen.bad += 1;
                let linted = lint(rule, block);
                let own = linted.own(rule);
                if own.is_empty() {
                    problems.push(format!("{}: a bad example has no finding", place()));
                }
                problems.extend(
                    own.iter()
                        .flat_map(|it| wording(it))
                        .map(|it| format!("{}: {it}", place())),
                );
                if own.iter().any(|it| {
                    !matches!(rule.check, Check::Text(_))
                        && it.finding_type != rule.meta.finding_type
                }) {
                    problems.push(format!("{}: not of the type in the front matter", place()));
                }
                if seen.bad == 1 && !fires_by_default(rule, block) {
                    problems.push(format!("{}: silent under default settings", place()));
                }
                let shown = linted.shown(rule);
                let Some(finding) = next("finding", at + 1) else {
                    return Err(format!("{}: no `text finding` after it", place()));
                };
                let mut edits = Vec::new();
                if finding.text != shown {
                    edits.push((finding.range.clone(), shown.clone()));
                }
                let fixed = fixed(rule, block);
                let has_fix = own.iter().any(|it| it.fix.is_some());
                match (next("fixed", at + 2), has_fix) {
                    (Some(expected), true) => {
                        if expected.text != fixed.text {
                            edits.push((expected.range.clone(), fixed.text.clone()));
                        }
                        seen.classes.extend(fixed.classes.iter().copied());
                        problems
                            .extend(fixed.problems.iter().map(|it| format!("{}: {it}", place())));
                        if fixed.classes.iter().any(|it| Some(*it) > rule.meta.fix) {
                            problems.push(format!(
                                "{}: the fix does more than the front matter says: {:?}",
                                place(),
                                fixed.classes
                            ));
                        }
                    }
                    (Some(expected), false) => {
                        problems.push(format!("line {}: nothing is fixed", expected.line))
                    }
                    (None, true) => problems.push(format!(
                        "{}: no `json fixed` after the finding; it would be:\n{}",
                        place(),
                        fixed.text
                    )),
                    (None, false) => {}
                }
                for (range, new) in edits.into_iter().rev() {
                    if bless {
                        page.replace_range(range, &new);
                    } else {
                        let mut problem =
                            format!("{}: expected\n{}\ngot\n{new}", place(), &page[range]);
                        let _ = write!(problem, "(BLESS=1 writes it)");
                        problems.push(problem);
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
    if bless {
        std::fs::write(path, page).unwrap();
    }
    Ok(problems)
}

struct Linted {
    sources: Sources,
    text: LintedText,
}

impl Linted {
    fn own(&self, rule: &Rule) -> Vec<&Finding> {
        let all = self.text.findings.iter().chain(&self.text.unread);
        all.filter(|it| it.rule == rule.meta.name).collect()
    }

    /// The findings as the page shows them.
    fn shown(&self, rule: &Rule) -> String {
        let own: Vec<Finding> = self.own(rule).into_iter().cloned().collect();
        text::findings(&self.sources, &own, Options::default())
    }
}

/// Lists that examples may rest on.
pub(crate) fn lists() -> Lists {
    let own = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect();
    Lists {
        trusted_accounts: own(&["111122223333"]),
        trusted_organizations: own(&["o-a1b2c3d4e5"]),
        forbidden_actions: own(&["organizations:LeaveOrganization"]),
        sensitive_resources: own(&["arn:aws:s3:::payroll*"]),
        forbidden_condition_keys: own(&["aws:UserAgent"]),
        required_conditions: vec![RequiredCondition {
            actions: own(&["ec2:RunInstances"]),
            keys: own(&["aws:RequestTag/team"]),
        }],
        blocked_principals: own(&["444455556666"]),
    }
}

/// Whether the rule needs the lists above: examples of others run without any.
fn lists_of(rule: &Rule) -> Lists {
    if rule.meta.page.contains("settings: lists") {
        lists()
    } else {
        Lists::default()
    }
}

fn kind_of(rule: &Rule, block: &Block) -> Kind {
    block.kind.unwrap_or(rule.meta.kinds[0])
}

fn lint_with(rule: &'static Rule, block: &Block, selected: &Selected) -> Linted {
    let mut sources = Sources::new();
    let name = block.file.clone().unwrap_or_else(|| "policy.json".into());
    let file = sources.add(name, block.text.as_str());
    let lists = lists_of(rule);
    let job = Job {
        selected,
        lists: &lists,
        kind: Some(kind_of(rule, block)),
    };
    let text = lint_text(&sources, file, job, &Memo::new(Catalog::builtin()));
    assert!(text.failed.is_empty(), "the rule panicked");
    Linted { sources, text }
}

fn only(rule: &'static Rule) -> Selected {
    Selected {
        rules: vec![(rule, rule.meta.finding_type)],
    }
}

fn lint(rule: &'static Rule, block: &Block) -> Linted {
    lint_with(rule, block, &only(rule))
}

fn fires_by_default(rule: &'static Rule, block: &Block) -> bool {
    let selection = Selection {
        persona: rule.meta.persona,
        ..Selection::default()
    };
    let mut selected = selection.resolve().unwrap();
    if rule.meta.preview {
        selected.rules.push((rule, rule.meta.finding_type));
    }
    !lint_with(rule, block, &selected).own(rule).is_empty()
}

struct FixedExample {
    text: String,
    classes: Vec<FixClass>,
    problems: Vec<String>,
}

/// Makes every fix of the rule, also those that would widen.
fn fixed(rule: &'static Rule, block: &Block) -> FixedExample {
    let selected = only(rule);
    let lists = lists_of(rule);
    let job = Job {
        selected: &selected,
        lists: &lists,
        kind: Some(kind_of(rule, block)),
    };
    let memo = Memo::new(Catalog::builtin());
    let fixed = fix_text("policy.json", &block.text, job, &memo, FixClass::Suggested);
    let mut problems = Vec::new();
    let again = Block {
        text: fixed.text.clone(),
        ..block.clone()
    };
    let left = lint(rule, &again);
    if !fixed.applied.is_empty() && left.own(rule).iter().any(|it| it.fix.is_some()) {
        problems.push(format!("the fixed text still fires:\n{}", left.shown(rule)));
    }
    if !left.text.unread.is_empty() {
        problems.push("the fixed text cannot be read".into());
    }
    for withheld in &fixed.withheld {
        problems.push(format!("withheld: {}: {}", withheld.title, withheld.reason));
    }
    FixedExample {
        text: fixed.text,
        classes: fixed.applied.iter().map(|it| it.class).collect(),
        problems,
    }
}

/// Says what is wrong with the words of a finding.
fn wording(finding: &Finding) -> Vec<String> {
    let mut problems = Vec::new();
    let texts = [
        ("message", &finding.message),
        ("label", &finding.primary.text),
        ("why", &finding.why),
        ("help", &finding.help),
    ];
    for (name, text) in texts {
        if text.starts_with(char::is_uppercase) && !starts_with_name(text) {
            problems.push(format!("the {name} starts with a capital: {text}"));
        }
        if text.ends_with(['.', '!']) && !text.ends_with("..") {
            problems.push(format!("the {name} ends with a period: {text}"));
        }
        if text.matches('`').count() % 2 == 1 {
            problems.push(format!("the {name} has an odd number of backticks: {text}"));
        }
    }
    for (name, text) in [
        ("message", &finding.message),
        ("why", &finding.why),
        ("help", &finding.help),
    ] {
        if text.is_empty() {
            problems.push(format!("the {name} is empty"));
        }
    }
    problems
}

/// Names keep their capitals: `AWS`, `IAM`, `GitHub`.
fn starts_with_name(text: &str) -> bool {
    let word = text
        .split(|it: char| !it.is_alphanumeric())
        .next()
        .unwrap_or_default();
    let capitals = word.chars().filter(|it| it.is_uppercase()).count();
    capitals > 1 || ["Amazon", "Kubernetes", "Lambda", "Cognito", "Organizations"].contains(&word)
}

/// Returns the folder of a rule.
pub(crate) fn folder(rule: &Rule) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("rules")
        .join(rule.meta.name)
}
