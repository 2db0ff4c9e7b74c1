//! House rules that the compiler does not know: layers, sizes, names and what must lie beside what.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests that read the package's own files and stop where one is missing"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The modules from the ground up, in the order of `src/lib.rs`. A module may import those of the
/// groups before its own, and nothing of its own group.
const LAYERS: &[&[&str]] = &[
    // 0
    &["switch"],
    &["arn", "pattern", "source"],
    // 1
    &["finding"],
    // 2
    &["json", "catalog"],
    &["read"],
    // 3
    &["policy"],
    // 4
    &["account"],
    // 5
    &["evaluate"],
    &["replay"],
    &["analyze"],
    &["isolation"],
    // 6, with every `rules/*/rule.rs`
    &["rule"],
    // 7
    &["fix", "profile"],
    &["evidence"],
    &["check"],
    &["generate"],
    &["mend"],
    &["emit"],
    // 8
    &["preflight"],
    &["plan"],
    &["provision"],
    // 9
    &["aws", "report", "config", "store"],
    // 10
    &["cli"],
];

/// Names that say what kind of code a file holds instead of what it is about.
const FORBIDDEN_FILES: &[&str] = &[
    "mod.rs",
    "types.rs",
    "utils.rs",
    "common.rs",
    "helpers.rs",
    "misc.rs",
];

/// The longest file in `src/` and `rules/`.
const MAX_LINES: usize = 600;

/// What the process may answer, whatever the output format.
const EXIT_CODES: [u8; 5] = [0, 1, 2, 3, 4];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns every file below a folder of the package, sorted, as paths from the package's root; none
/// if there is no such folder. Build output and what fuzzing leaves behind is not the package's.
fn files(folder: &str) -> Vec<PathBuf> {
    const NOT_OURS: [&str; 6] = [
        "target",
        ".git",
        "fuzz/target",
        "fuzz/artifacts",
        "fuzz/corpus",
        "fuzz/coverage",
    ];
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            let relative = path.strip_prefix(root()).unwrap();
            if NOT_OURS.iter().any(|it| relative == Path::new(it)) {
                continue;
            }
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(relative.to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.sort();
    found
}

/// Returns the Rust files of these folders.
fn rust_files(folders: &[&str]) -> Vec<PathBuf> {
    let all = folders.iter().flat_map(|folder| files(folder));
    all.filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .collect()
}

/// Every folder of the package with Rust files in it.
const RUST_FOLDERS: &[&str] = &["src", "rules", "build", "tests", "benches", "fuzz"];

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|_| String::new())
}

/// Returns the lines of a Rust file that are not comments.
fn code(path: &Path) -> String {
    let text = read(path);
    let lines = text.lines().filter(|it| !it.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the folders right below a folder, as paths from the package's root.
fn folders(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let folder = folder.as_ref();
    let entries = std::fs::read_dir(root().join(folder));
    let mut found: Vec<PathBuf> = entries
        .into_iter()
        .flatten()
        .map(|entry| folder.join(entry.unwrap().file_name()))
        .filter(|path| root().join(path).is_dir())
        .collect();
    found.sort();
    found
}

#[track_caller]
fn none(what: &str, violations: &[String]) {
    let list = violations.join("\n  ");
    assert!(violations.is_empty(), "{what}:\n  {list}\n");
}

/// Returns the group of a module in [`LAYERS`].
fn group(module: &str) -> Option<usize> {
    LAYERS.iter().position(|group| group.contains(&module))
}

/// Returns the module of the crate that a file belongs to.
fn module(path: &Path) -> String {
    let mut parts = path.iter().map(|it| it.to_str().unwrap());
    match (parts.next(), parts.next()) {
        (Some("src"), Some(name)) => name.trim_end_matches(".rs").to_owned(),
        _ => "rule".to_owned(),
    }
}

/// Returns the modules that `crate::…` paths in a code name.
fn imports(code: &str) -> BTreeSet<String> {
    let name = |text: &str| -> String {
        let is_part = |it: &char| it.is_alphanumeric() || *it == '_';
        text.trim_start().chars().take_while(is_part).collect()
    };
    let mut found = BTreeSet::new();
    for (at, prefix) in code.match_indices("crate::") {
        let rest = &code[at + prefix.len()..];
        let Some(list) = rest.strip_prefix('{') else {
            found.insert(name(rest));
            continue;
        };
        found.insert(name(list));
        let mut depth = 0_usize;
        for (at, letter) in list.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => drop(found.insert(name(&list[at + 1..]))),
                _ => {}
            }
        }
    }
    found.remove("");
    found
}

#[test]
fn modules_import_downwards_only() {
    let mut violations = Vec::new();
    for path in rust_files(&["src", "rules"]) {
        let module = module(&path);
        if ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let Some(own) = group(&module) else {
            violations.push(format!("{}: `{module}` has no layer", path.display()));
            continue;
        };
        for import in imports(&code(&path)) {
            if import != module && group(&import).is_none_or(|it| it >= own) {
                violations.push(format!("{}: imports `{import}`", path.display()));
            }
        }
    }
    none("imports that do not go down the layers", &violations);
}

#[test]
fn imports_are_found_in_every_form() {
    let code = "use crate::json::{self, Value};\nuse crate::{\n    arn::{Arn, x},\n    source::Span, \
                policy\n};\ncrate::read::MAX_BYTES";
    let found: Vec<_> = imports(code).into_iter().collect();
    assert_eq!(found, ["arn", "json", "policy", "read", "source"]);
}

#[test]
fn the_library_lists_its_modules_in_reading_order() {
    let text = read("src/lib.rs");
    let modules: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod "))
        .map(|line| line.trim_end_matches(';'))
        .collect();
    assert!(!modules.is_empty());
    let order = LAYERS.iter().copied().flatten();
    let expected: Vec<&str> = order.copied().filter(|it| modules.contains(it)).collect();
    assert_eq!(modules, expected);
}

#[test]
fn a_rule_knows_no_other_rule() {
    let rules = folders("rules");
    let mut violations = Vec::new();
    for rule in &rules {
        let code = code(&rule.join("rule.rs"));
        for other in rules.iter().filter(|it| *it != rule) {
            let name = other.file_name().unwrap().to_str().unwrap();
            if code.contains(&format!("{}::", name.replace('-', "_"))) {
                violations.push(format!("{}: names `{name}`", rule.display()));
            }
        }
    }
    none("rules that import each other", &violations);
}

#[test]
fn only_one_module_knows_the_sdk() {
    let mut violations = Vec::new();
    for path in rust_files(&["src", "rules"]) {
        let code = code(&path);
        let words = ["aws_sdk_", "aws_config::", "tokio::", "async fn", ".await"];
        for word in words.iter().filter(|it| code.contains(**it)) {
            if module(&path) != "aws" {
                violations.push(format!("{}: `{word}`", path.display()));
            }
        }
    }
    none("code that belongs into `src/aws`", &violations);
}

#[test]
fn no_file_is_too_long() {
    let mut violations = Vec::new();
    for path in rust_files(&["src", "rules"]) {
        let lines = read(&path).lines().count();
        if lines > MAX_LINES {
            violations.push(format!("{}: {lines} lines", path.display()));
        }
    }
    none("files to be split by topic", &violations);
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut violations = Vec::new();
    let mut paths = rust_files(RUST_FOLDERS);
    paths.push("build.rs".into());
    assert!(paths.len() > 100);
    for path in paths {
        if !read(&path).starts_with("//! ") {
            violations.push(path.display().to_string());
        }
    }
    none("files that do not open with `//! `", &violations);
}

#[test]
fn files_are_named_after_their_topic() {
    let mut violations = Vec::new();
    for path in rust_files(RUST_FOLDERS) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if FORBIDDEN_FILES.contains(&name) {
            violations.push(path.display().to_string());
        }
    }
    none("files named after a kind of code", &violations);
}

#[test]
fn nothing_is_unsafe() {
    assert!(read("Cargo.toml").contains("unsafe_code = \"forbid\""));
    let mut violations = Vec::new();
    for path in rust_files(&["src", "rules", "build", "benches", "fuzz"]) {
        let code = code(&path);
        let is_part = |it: char| it.is_alphanumeric() || it == '_';
        if code.split(|it| !is_part(it)).any(|word| word == "unsafe") {
            violations.push(path.display().to_string());
        }
    }
    none("unsafe code", &violations);
}

#[test]
fn dependencies_are_pinned_and_have_a_reason() {
    let mut violations = Vec::new();
    for path in ["Cargo.toml", "fuzz/Cargo.toml"] {
        let text = read(path);
        let mut is_list = false;
        let mut before = "";
        let mut count = 0;
        for line in text.lines() {
            if line.starts_with('[') {
                is_list = line.ends_with("dependencies]");
            } else if is_list && !line.is_empty() && !line.starts_with('#') {
                count += 1;
                if !before.starts_with("# ") {
                    violations.push(format!("{path}: no reason above `{line}`"));
                }
                let is_ours = line.contains("path = \"");
                let version = line.split('"').nth(1).unwrap_or_default();
                let parts: Vec<&str> = version.split('.').collect();
                let is_exact = parts.len() == 3 && parts.iter().all(|it| it.parse::<u64>().is_ok());
                if !is_ours && !is_exact {
                    violations.push(format!("{path}: no major.minor.patch in `{line}`"));
                }
            }
            before = line;
        }
        assert!(count > 0, "{path} has no dependencies");
    }
    none("dependencies", &violations);
}

#[test]
fn licences_are_there() {
    let manifest = read("Cargo.toml");
    assert!(manifest.contains("license = \"Apache-2.0 OR MIT\""));
    assert!(read("LICENSE-APACHE").contains("Apache License"));
    assert!(read("LICENSE-MIT").contains("Permission is hereby granted"));
}

#[test]
fn profiles_and_rules_have_their_files() {
    let mut violations = Vec::new();
    let profiles: Vec<_> = folders("policies").into_iter().flat_map(folders).collect();
    assert!(!profiles.is_empty());
    for profile in profiles {
        let files = files(profile.to_str().unwrap());
        if !files.contains(&profile.join("profile.toml")) {
            violations.push(format!("{}: no profile.toml", profile.display()));
        }
        if !files.iter().any(|it| it.extension().unwrap() == "json") {
            violations.push(format!("{}: no document", profile.display()));
        }
    }
    for rule in folders("rules") {
        let files = files(rule.to_str().unwrap());
        for name in ["rule.md", "rule.rs"] {
            if !files.contains(&rule.join(name)) {
                violations.push(format!("{}: no {name}", rule.display()));
            }
        }
    }
    none("folders that lack something", &violations);
}

#[test]
fn cases_have_a_name_and_say_where_they_come_from() {
    let mut violations = Vec::new();
    let mut ids = BTreeSet::new();
    for path in files("testdata/evaluate") {
        if path.extension().is_none_or(|it| it != "jsonl") {
            continue;
        }
        for (at, line) in read(&path).lines().enumerate() {
            let place = format!("{}:{}", path.display(), at + 1);
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
            if text("id").is_empty() || !ids.insert(text("id")) {
                violations.push(format!("{place}: `{}` is no id of its own", text("id")));
            }
            // Cases of ours name the sentence of AWS's documentation in their note.
            if text("source").is_empty() && text("note").is_empty() {
                violations.push(format!("{place}: neither `source` nor `note`"));
            }
        }
    }
    assert!(ids.len() > 1000);
    none("cases", &violations);
}

#[test]
fn nothing_points_outside_of_the_package() {
    // Put together here, so that this file does not name them either.
    let outside = [["/wo", "rk/"].concat(), ["sha", "red/"].concat()];
    let mut violations = Vec::new();
    for path in files("") {
        let text = read(&path);
        for word in outside.iter().filter(|it| text.contains(*it)) {
            violations.push(format!("{}: `{word}`", path.display()));
        }
    }
    none("paths that only exist on our machines", &violations);
}

/// Returns the texts in quotes at the start of a list of arguments.
fn leading_texts(arguments: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = arguments.trim_start();
    while let Some((text, after)) = rest.strip_prefix('"').and_then(|it| it.split_once('"')) {
        found.push(text);
        rest = after.trim_start().trim_start_matches(',').trim_start();
    }
    found
}

/// Returns the names of findings in the code, and those of the rules, with where they stand.
fn finding_names() -> Vec<(String, PathBuf)> {
    let mut names = Vec::new();
    for path in rust_files(&["src"]) {
        let code = code(&path);
        // A problem has the id of a rule of evaluation before its name.
        for (start, position) in [("Problem::new(", 1), ("Finding::new(", 0)] {
            for (at, _) in code.match_indices(start) {
                let texts = leading_texts(&code[at + start.len()..]);
                names.extend(
                    texts
                        .get(position)
                        .map(|it| ((*it).to_owned(), path.clone())),
                );
            }
        }
    }
    for rule in folders("rules") {
        let name = rule.file_name().unwrap().to_str().unwrap().to_owned();
        names.push((name, rule));
    }
    names
}

#[test]
fn findings_are_named_after_the_pattern() {
    let names = finding_names();
    assert!(names.len() > 25, "{names:?}");
    let mut violations = Vec::new();
    for (name, path) in names {
        let is_word = |word: &str| {
            let mut bytes = word.bytes();
            bytes.next().is_some_and(|it| it.is_ascii_lowercase())
                && bytes.all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
        };
        let is_remedy = ["no-", "avoid-"].iter().any(|it| name.starts_with(it));
        if !name.split('-').all(is_word) || is_remedy {
            violations.push(format!("{}: `{name}`", path.display()));
        }
    }
    none("names of findings", &violations);
}

#[test]
fn the_readme_documents_the_exit_codes() {
    // Until there is a README there is nothing to compare with.
    let text = read("README.md");
    if text.is_empty() {
        return;
    }
    let section = text.split("\n#").find(|section| {
        let title = section.lines().next().unwrap_or_default();
        title.to_ascii_lowercase().contains("exit code")
    });
    let section = section.unwrap_or_default();
    let documented: Vec<u8> = section
        .lines()
        .filter_map(|line| {
            line.trim_start_matches(['|', '-', '*', ' ', '`'])
                .split_once([' ', '`', ':'])
        })
        .filter_map(|(code, _)| code.parse().ok())
        .collect();
    assert_eq!(documented, EXIT_CODES, "the section about exit codes");
}
