//! `rolecall fix --for` from the outside: files in; files, report and exit code out.
//!
//! Cases are folders in `testdata/fix-for`: `case.toml` with the arguments, the files before in
//! `in/`, those that are written in `out/`, and what is printed in `report.txt`. `BLESS=1` writes
//! the latter two: read the difference before committing.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests write their input and stop where something is missing"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

/// A folder of its own, and runs of the binary in it.
struct Folder(PathBuf);

struct Ran {
    code: i32,
    out: String,
    err: String,
}

type Files = BTreeMap<String, String>;

impl Folder {
    fn new(name: &str, files: &Files) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fix-{name}"));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        Self(folder)
    }

    fn of(name: &str, files: &[(&str, &str)]) -> Self {
        let files = files.iter();
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        Self::new(name, &files.map(own).collect())
    }

    fn read(&self) -> Files {
        texts(&self.0)
    }

    fn run(&self, arguments: &[&str], stdin: &str) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_rolecall"))
            .current_dir(&self.0)
            .args(arguments)
            .arg("--builtin-catalog")
            .write_stdin(stdin)
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn fix(&self, arguments: &[&str]) -> Ran {
        let mut all = vec!["fix"];
        all.extend(arguments);
        self.run(&all, "")
    }

    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let mut all = vec!["--format", "json"];
        all.extend(arguments);
        let ran = self.fix(&all);
        assert_eq!(ran.err, "");
        (ran.code, serde_json::from_str(&ran.out).unwrap())
    }
}

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn texts(folder: &Path) -> Files {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|it| it.unwrap().path());
    let own = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(&path).unwrap())
    };
    paths.map(own).collect()
}

fn small() -> String {
    data("testdata/fix-for/profile.toml")
        .to_str()
        .unwrap()
        .to_owned()
}

fn mengi() -> String {
    std::fs::read_to_string(data("policies/mengi/eks/policy.json")).unwrap()
}

/// Returns the published policy without some of its actions.
fn mengi_without(actions: &[&str]) -> String {
    let mut text = mengi();
    for action in actions {
        let line = format!("        \"{action}\",\n");
        assert!(text.contains(&line));
        text = text.replace(&line, "");
    }
    text
}

#[test]
fn cases() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(data("testdata/fix-for")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        if !folder.is_dir() {
            continue;
        }
        count += 1;
        let case: toml::Table = std::fs::read_to_string(folder.join("case.toml"))
            .unwrap()
            .parse()
            .unwrap();
        let own = case["arguments"].as_array().unwrap();
        let own: Vec<&str> = own.iter().map(|it| it.as_str().unwrap()).collect();
        let mut before = texts(&folder.join("in"));
        before.insert(
            "profile.toml".to_owned(),
            std::fs::read_to_string(small()).unwrap(),
        );
        let run = Folder::new(&name, &before);
        let mut arguments = vec!["--for", "profile.toml"];
        arguments.extend(&own);
        let ran = run.fix(&arguments);
        let after = run.read();
        let report = format!("exit code {}\n\n{}{}", ran.code, ran.out, ran.err);
        let written = after
            .iter()
            .filter(|(name, it)| before.get(*name) != Some(it));
        let written: Files = written.map(|(a, b)| (a.clone(), b.clone())).collect();
        // What was written is enough by itself.
        if !written.is_empty() {
            let mut again = arguments.clone();
            let new = after.keys().filter(|it| !before.contains_key(*it));
            again.extend(new.map(String::as_str));
            let second = run.fix(&again);
            assert!(
                second.out.contains("NOTHING TO CHANGE"),
                "{name}: {}",
                second.out
            );
            assert_eq!(run.read(), after, "{name}: a second run changes something");
        }
        let known = std::fs::read_to_string(folder.join("report.txt")).unwrap_or_default();
        if known == report && texts(&folder.join("out")) == written {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            let out = folder.join("out");
            let _ = std::fs::remove_dir_all(&out);
            if !written.is_empty() {
                std::fs::create_dir_all(&out).unwrap();
            }
            for (name, text) in &written {
                std::fs::write(out.join(name), text).unwrap();
            }
            std::fs::write(folder.join("report.txt"), report).unwrap();
        } else {
            wrong.push(format!("== {name}\n{report}\n{written:#?}"));
        }
    }
    assert!(count > 12);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The two actions, on what they are needed for, and nothing else.
#[test]
fn the_published_policy_without_two_actions_gets_these_two() {
    let gone = ["iam:CreatePolicy", "iam:ListInstanceProfilesForRole"];
    let before = mengi_without(&gone);
    let folder = Folder::of("two-actions", &[("policy.json", &before)]);
    let (code, report) = folder.json(&["--for", "mengi/eks", "policy.json"]);
    assert_eq!(code, 0);
    assert_eq!(report["outcome"], "written");
    assert_eq!(report["proof"]["holds"], true);
    let changes = report["files"][0]["changes"].as_array().unwrap();
    let actions = changes
        .iter()
        .flat_map(|it| it["actions"].as_array().unwrap());
    let mut actions: Vec<&str> = actions.map(|it| it.as_str().unwrap()).collect();
    actions.sort_unstable();
    assert_eq!(actions, gone);
    let kinds: Vec<&Value> = changes.iter().map(|it| &it["kind"]).collect();
    // They are needed on two policies and three roles, and the statement is about everything.
    assert!(kinds.iter().all(|it| **it == "added-statement"));
    // What stood there stays.
    let after = &folder.read()["policy.json"];
    let start = before.rfind("\n  ]").unwrap();
    assert_eq!(after[..start], before[..start]);
    assert_eq!(report["before"]["requiredMet"], 162);
    assert_eq!(
        report["after"]["requiredMet"],
        report["requirements"]["required"]
    );
}

#[test]
fn narrowing_the_published_policy_keeps_every_requirement() {
    let folder = Folder::of("narrow", &[("policy.json", &mengi())]);
    let (code, report) = folder.json(&["--for", "mengi/eks", "--narrowing", "policy.json"]);
    assert_eq!((code, &report["outcome"]), (1, &"needs-new-files".into()));
    assert_eq!(folder.read()["policy.json"], mengi());
    let arguments = [
        "--for",
        "mengi/eks",
        "--narrowing",
        "--new-files",
        "policy.json",
    ];
    let (code, report) = folder.json(&arguments);
    assert_eq!((code, &report["outcome"]), (0, &"written".into()));
    let number = |side: &str, what: &str| report[side][what].as_u64().unwrap();
    assert_eq!(number("before", "met"), number("after", "met"));
    assert!(number("before", "actions") > 1_000);
    assert!(number("after", "actions") < 130);
    assert_eq!(report["proof"]["claims"].as_array().unwrap().len(), 4);
    let files = folder.read();
    assert!(files.len() > 1);
    for text in files.values() {
        let characters = text.chars().filter(|it| !it.is_whitespace()).count();
        assert!(characters <= 6_144);
        assert!(!text.contains("ec2:*"));
    }
    // An action that is taken out again goes back to where it stood.
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let (name, text) = files
        .iter()
        .find(|(_, it)| it.contains("ec2:DescribeSubnets"))
        .unwrap();
    let without = text.replace("        \"ec2:DescribeSubnets\",\n", "");
    assert!(*text != without);
    std::fs::write(folder.0.join(name), &without).unwrap();
    let mut arguments = vec!["--for", "mengi/eks"];
    arguments.extend(names);
    assert_eq!(folder.json(&arguments).0, 0);
    assert!(folder.read() == files);
}

#[test]
fn nothing_is_written_where_it_was_only_asked_for() {
    let before = mengi_without(&["iam:CreatePolicy"]);
    let folder = Folder::of("diff", &[("policy.json", &before)]);
    let ran = folder.fix(&["--for", "mengi/eks", "--diff", "policy.json"]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.out
            .starts_with("--- a/policy.json\n+++ b/policy.json\n@@"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("+      \"Action\": \"iam:CreatePolicy\""),
        "{}",
        ran.out
    );
    assert!(ran.err.contains("NOT WRITTEN, as asked"), "{}", ran.err);
    assert_eq!(folder.read()["policy.json"], before);
}

#[test]
fn check_fixes_too_and_standard_input_goes_through() {
    let before = mengi_without(&["iam:CreatePolicy"]);
    let folder = Folder::of("check", &[("policy.json", &before)]);
    let ran = folder.run(&["check", "--for", "mengi/eks", "--fix", "policy.json"], "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out
            .ends_with("WRITTEN: everything that is wanted is met\n"),
        "{}",
        ran.out
    );
    let fixed = &folder.read()["policy.json"];
    let ran = folder.run(&["fix", "--for", "mengi/eks", "-"], &before);
    assert_eq!((ran.code, &ran.out), (0, fixed));
    assert!(ran.err.contains("WRITTEN"));
    let ran = folder.run(&["fix", "--for", "mengi/eks", "-"], fixed);
    assert_eq!((ran.code, &ran.out), (0, fixed));
    let ran = folder.run(
        &["check", "--for", "mengi/eks", "--diff", "policy.json"],
        "",
    );
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("are about `--fix`"), "{}", ran.err);
}

#[test]
fn wrong_use_is_said() {
    let folder = Folder::of("wrong", &[("policy.json", &mengi())]);
    let ran = folder.fix(&["--for", "mengi/eks"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no policy was given"), "{}", ran.err);
    let twice = ["--for", "mengi/eks", "policy.json", "./policy.json"];
    let ran = folder.fix(&twice);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("is given twice"), "{}", ran.err);
    let ran = folder.fix(&["--for", "mengi/eks", "policy.json", "--var", "nope=1"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("`nope`"), "{}", ran.err);
}

/// A file that is full gets no more, and a file that is in the way is not written over.
#[test]
fn documents_never_outgrow_their_quota() {
    let resource = |at: usize| format!("\"arn:aws:s3:::example-{at:060}\"");
    let resources: Vec<String> = (0..70).map(resource).collect();
    let policy = format!(
        "{{\"Version\": \"2012-10-17\", \"Statement\": [{{\"Effect\": \"Allow\", \"Action\": \
         \"s3:GetObject\", \"Resource\": [{}]}}]}}",
        resources.join(", ")
    );
    let size = policy.chars().filter(|it| !it.is_whitespace()).count();
    assert!((5_800..6_144).contains(&size), "{size}");
    let folder = Folder::of("full", &[("policy.json", &policy)]);
    let profile = small();
    let arguments = ["--for", &profile, "policy.json"];
    let ran = folder.fix(&arguments);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("`--new-files` writes `policy-2.json`"),
        "{}",
        ran.out
    );
    assert_eq!(folder.read().len(), 1);
    let new = ["--for", &profile, "--new-files", "policy.json"];
    std::fs::write(folder.0.join("policy-2.json"), "mine").unwrap();
    let ran = folder.fix(&new);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("there is such a file"), "{}", ran.err);
    assert_eq!(folder.read()["policy.json"], policy);
    assert_eq!(folder.read().len(), 2);
    std::fs::remove_file(folder.0.join("policy-2.json")).unwrap();
    assert_eq!(folder.fix(&new).code, 0);
    let check = [
        "check",
        "--no-isolation",
        "--for",
        &profile,
        "policy.json",
        "policy-2.json",
    ];
    assert_eq!(folder.run(&check, "").code, 0);
}
