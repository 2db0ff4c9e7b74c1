//! Runs every rule over the policies of this repository, and looks at the table of rules whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rolecall::catalog::Catalog;
use rolecall::rule::{self, Job, Memo, Selected, lint_text};
use rolecall::source::Sources;

use crate::example::{folder, lists};

fn files_with_extension(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // What was generated has a test of its own, which knows what kind each file is.
        if path.is_dir() && path.ends_with("generated") {
            continue;
        }
        if path.is_dir() {
            files_with_extension(&path, extension, found);
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
}

/// Compares where each rule fires with its `hits.txt`; no file means nowhere. Rules run each by
/// itself, so that a new one changes no file but its own.
pub(crate) fn hits_are_as_recorded() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    files_with_extension(&root.join("policies"), "json", &mut files);
    files_with_extension(&root.join("testdata/policies"), "json", &mut files);
    files.sort();
    let memo = Memo::new(Catalog::builtin());
    let lists = lists();
    let mut hits: BTreeMap<&str, String> = BTreeMap::new();
    for path in &files {
        let name = path.strip_prefix(root).unwrap().display().to_string();
        let mut sources = Sources::new();
        let file = sources.add(name.as_str(), std::fs::read_to_string(path).unwrap());
        for rule in rule::rules() {
            let selected = Selected {
                rules: vec![(rule, rule.meta.finding_type)],
            };
            let job = Job {
                selected: &selected,
                lists: &lists,
                kind: None,
            };
            let linted = lint_text(&sources, file, job, &memo);
            if !linted.failed.is_empty() {
                return Err(format!("`{}` panics on {name}", rule.meta.name));
            }
            for finding in linted
                .findings
                .iter()
                .filter(|it| it.rule == rule.meta.name)
            {
                let at = sources.line_column(finding.primary.location);
                let text = hits.entry(rule.meta.name).or_default();
                let _ = writeln!(text, "{name}:{}: {}", at.line, finding.message);
            }
        }
    }
    let bless = std::env::var_os("BLESS").is_some();
    let mut problems = Vec::new();
    for rule in rule::rules() {
        let path = folder(rule).join("hits.txt");
        let recorded = std::fs::read_to_string(&path).unwrap_or_default();
        let found = hits.remove(rule.meta.name).unwrap_or_default();
        if recorded == found {
            continue;
        }
        if !bless {
            problems.push(format!(
                "{}: expected\n{recorded}found\n{found}",
                path.display()
            ));
        } else if found.is_empty() {
            std::fs::remove_file(&path).unwrap();
        } else {
            std::fs::write(&path, found).unwrap();
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(format!("{}\n(BLESS=1 writes them)", problems.join("\n")))
}

/// Names and aliases are all different, and `instead-of` and `outranks` name rules.
pub(crate) fn names_are_unique() -> Result<(), String> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for rule in rule::rules() {
        let names = rule.meta.aliases.iter().chain([&rule.meta.name]);
        for name in names {
            if !seen.insert(*name) {
                problems.push(format!("`{name}` is there twice"));
            }
        }
    }
    for rule in rule::rules() {
        for other in rule.meta.instead_of.iter().chain(rule.meta.outranks) {
            if !rule::rules().iter().any(|it| it.meta.name == *other) {
                problems.push(format!(
                    "{}: `instead-of` or `outranks` names `{other}`, which is no rule",
                    rule.meta.name
                ));
            }
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}

/// Names in `src/policy` and `src/read` that are no findings: a kind of policy, and what only the
/// tests see that switch a rule of evaluation off.
const NO_FINDINGS: [&str; 2] = ["vpc-endpoint", "old-scp-language"];

/// Every name that reading and the model's checks give to a finding is that of a rule.
pub(crate) fn problems_have_rules() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src/policy", "src/read"] {
        files_with_extension(&root.join(folder), "rs", &mut files);
    }
    let mut names = BTreeSet::new();
    for path in files {
        let text = std::fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        // Inside the quotes is every second part; names have no escapes.
        let inside = code.split('"').skip(1).step_by(2);
        names.extend(inside.filter(|it| is_name(it)).map(str::to_owned));
    }
    let has_rule = |name: &String| {
        NO_FINDINGS.contains(&name.as_str()) || rule::rules().iter().any(|it| it.meta.name == *name)
    };
    let missing: Vec<String> = names.into_iter().filter(|it| !has_rule(it)).collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("findings without a rule: {}", missing.join(", ")))
    }
}

/// Whether a text is several words in lower case with hyphens between them.
fn is_name(text: &str) -> bool {
    text.contains('-')
        && text
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|it| it.is_ascii_lowercase()))
}

/// Every issue code of IAM Access Analyzer has a rule or is listed as unread.
pub(crate) fn codes_are_covered() -> Result<(), String> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lint/access-analyzer-codes.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let mut codes = BTreeMap::new();
    for line in text
        .lines()
        .filter(|it| !it.is_empty() && !it.starts_with('#'))
    {
        let mut words = line.split_whitespace();
        let code = words.next().unwrap();
        codes.insert(code, line.ends_with(" unread"));
    }
    let mut problems = Vec::new();
    let mut covered = BTreeSet::new();
    for rule in rule::rules() {
        for code in rule.meta.access_analyzer {
            covered.insert(*code);
            match codes.get(code) {
                None => problems.push(format!(
                    "{}: `{code}` is no code of Access Analyzer",
                    rule.meta.name
                )),
                Some(true) => problems.push(format!(
                    "{}: claims `{code}`, which is unread",
                    rule.meta.name
                )),
                Some(false) => {}
            }
        }
    }
    let missing: Vec<&str> = codes
        .iter()
        .filter(|(code, unread)| !**unread && !covered.contains(*code))
        .map(|(code, _)| *code)
        .collect();
    if !missing.is_empty() {
        problems.push(format!(
            "{} codes without a rule: {}",
            missing.len(),
            missing.join(", ")
        ));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}
