//! `rolecall compare` from the outside: what it prints and the code it ends with.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests write their input and stop where something is missing"
)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;

const OLD: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:ListBucket"],
      "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]
    },
    {
      "Sid": "Start",
      "Effect": "Allow",
      "Action": "ec2:StartInstances",
      "Resource": "arn:aws:ec2:*:*:instance/*",
      "Condition": { "StringEquals": { "aws:ResourceTag/team": "blue" } }
    },
    { "Sid": "NoKeys", "Effect": "Deny", "Action": "iam:CreateAccessKey", "Resource": "*" }
  ]
}
"#;
const MORE: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": ["s3:GetObject*", "s3:ListBucket"],
      "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*", "arn:aws:s3:::logs/*"]
    },
    {
      "Sid": "Start",
      "Effect": "Allow",
      "Action": "ec2:StartInstances",
      "Resource": "arn:aws:ec2:*:*:instance/*",
      "Condition": { "StringLike": { "aws:ResourceTag/team": "blue*" } }
    },
    { "Sid": "Keys", "Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "*" }
  ]
}
"#;
/// What `OLD` allows, written otherwise.
const SAME: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Effect": "Allow", "Action": "s3:getobject", "Resource": "arn:aws:s3:::data/*" },
    { "Effect": "Allow", "Action": "S3:GetObject", "Resource": "arn:aws:s3:::data" },
    { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::data*" },
    { "Effect": "Deny", "Action": "s3:ListBucket", "NotResource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"] },
    {
      "Effect": "Allow",
      "Action": "ec2:StartInstances",
      "Resource": "arn:aws:ec2:*:*:instance/*",
      "Condition": {
        "StringLike": { "aws:ResourceTag/team": "b*" },
        "StringEquals": { "aws:ResourceTag/team": ["blue", "red"] }
      }
    }
  ]
}
"#;
const SEND: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*" }]
}
"#;
const SEND_ANY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": "sqs:SendMessage*", "Resource": "*" }]
}
"#;
const ALL: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }]
}
"#;
const TRUST: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": { "AWS": "arn:aws:iam::111111111111:role/ci" },
    "Action": "sts:AssumeRole",
    "Condition": { "StringEquals": { "sts:ExternalId": "42" } }
  }]
}
"#;

/// A folder of its own with the files of the tests, and runs of the binary in it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("compare-{name}"));
        std::fs::create_dir_all(&folder).unwrap();
        let it = Self(folder);
        for (name, text) in [
            ("old.json", OLD),
            ("more.json", MORE),
            ("same.json", SAME),
            ("send.json", SEND),
            ("send-any.json", SEND_ANY),
            ("all.json", ALL),
            ("trust.json", TRUST),
        ] {
            it.write(name, text);
        }
        it
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("rolecall").unwrap();
        command.current_dir(&self.0);
        command
            .args(["compare", "--builtin-catalog"])
            .args(arguments);
        command
    }

    /// Returns the exit code, standard output and standard error of a run.
    fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let catalog = rolecall::catalog::Catalog::builtin().info();
        let code = output.status.code().unwrap();
        let errors = text(output.stderr);
        let shown = format!("exit {code}\n{}{errors}", text(output.stdout));
        shown
            .replace(&catalog.hash, "HASH")
            .replace(&catalog.date, "DATE")
    }
}

/// Returns the exit code and the first line of what was printed.
fn verdict(shown: &str) -> (&str, &str) {
    let mut lines = shown.lines();
    (lines.next().unwrap(), lines.next().unwrap())
}

#[test]
fn new_access_is_shown_where_it_is_written() {
    let folder = Folder::new("more");
    insta::assert_snapshot!(folder.run(&["old.json", "more.json"]));
}

#[test]
fn less_is_no_new_access() {
    let folder = Folder::new("less");
    insta::assert_snapshot!(folder.run(&["more.json", "old.json"]));
}

#[test]
fn other_words_are_equal() {
    let folder = Folder::new("equal");
    insta::assert_snapshot!(folder.run(&["old.json", "same.json"]));
}

#[test]
fn incomparable_sides() {
    let folder = Folder::new("incomparable");
    let shown = folder.run(&["send.json", "old.json"]);
    let (code, line) = verdict(&shown);
    assert_eq!(code, "exit 1");
    assert!(line.starts_with("new access: "), "{line}");
    assert!(shown.contains("no longer allowed:"), "{shown}");
}

#[test]
fn names_of_tomorrow() {
    let folder = Folder::new("tomorrow");
    insta::assert_snapshot!(folder.run(&["send.json", "send-any.json"]));
    let shown = folder.run(&["--today", "send.json", "send-any.json"]);
    let (code, line) = verdict(&shown);
    assert_eq!(code, "exit 0");
    assert!(line.starts_with("equal today: "), "{line}");
}

#[test]
fn boundaries_and_several_documents_count() {
    let folder = Folder::new("layers");
    let same = ["--old", "send.json", "--new", "all.json"];
    let bounded = [&same[..], &["--new-boundary", "send.json"]].concat();
    let shown = folder.run(&bounded);
    assert_eq!(verdict(&shown).0, "exit 0", "{shown}");
    assert!(verdict(&shown).1.starts_with("equal: "), "{shown}");
    let shown = folder.run(&["old.json", "all.json", "--new-scp", "send.json"]);
    assert_eq!(verdict(&shown).0, "exit 1", "{shown}");
    let shown = folder.run(&["old.json", "send.json", "--old", "send.json"]);
    assert!(verdict(&shown).1.starts_with("less: "), "{shown}");
}

#[test]
fn trust_policies_are_compared_by_whom_they_trust() {
    let folder = Folder::new("trust");
    folder.write(
        "open.json",
        &TRUST.replace("StringEquals", "StringEqualsIfExists"),
    );
    insta::assert_snapshot!(folder.run(&["trust.json", "open.json"]));
    let shown = folder.run(&["trust.json", "send.json"]);
    assert_eq!(shown.lines().next().unwrap(), "exit 2", "{shown}");
}

#[test]
fn json() {
    let folder = Folder::new("json");
    insta::assert_snapshot!(folder.run(&["send.json", "old.json", "--format", "json"]));
}

#[test]
fn a_refused_document_is_no_verdict() {
    let folder = Folder::new("refused");
    folder.write("bad.json", &ALL.replace("2012-10-17", "2020-01-01"));
    let shown = folder.run(&["all.json", "bad.json"]);
    let (code, line) = verdict(&shown);
    assert_eq!(code, "exit 3", "{shown}");
    assert!(line.starts_with("unknown: "), "{line}");
}

#[test]
fn revisions() {
    let folder = Folder::new("revisions");
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.current_dir(&folder.0).args(arguments);
        command
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .args(["--quiet"]);
        assert!(command.status().unwrap().success(), "git {arguments:?}");
    };
    let _ = std::fs::remove_dir_all(folder.0.join(".git"));
    folder.write("policy.json", OLD);
    git(&["init"]);
    git(&[
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "commit",
        "--allow-empty",
        "-m",
        "0",
    ]);
    assert!(
        std::process::Command::new("git")
            .current_dir(&folder.0)
            .args(["add", "policy.json"])
            .status()
            .unwrap()
            .success()
    );
    git(&[
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "commit",
        "-m",
        "1",
    ]);
    folder.write("policy.json", MORE);
    let shown = folder.run(&["HEAD:policy.json", "policy.json"]);
    assert_eq!(shown.lines().next().unwrap(), "exit 1", "{shown}");
    assert!(shown.contains("HEAD:policy.json:17:"), "{shown}");
    insta::assert_snapshot!(folder.run(&["HEAD:other.json", "policy.json"]));
    insta::assert_snapshot!(folder.run(&["v9:policy.json", "policy.json"]));
    // A file of that very name wins.
    folder.write("HEAD:policy.json", MORE);
    let shown = folder.run(&["HEAD:policy.json", "policy.json"]);
    std::fs::remove_file(folder.0.join("HEAD:policy.json")).unwrap();
    assert!(verdict(&shown).1.starts_with("equal: "), "{shown}");
}

#[test]
fn wrong_use() {
    let folder = Folder::new("wrong");
    insta::assert_snapshot!(folder.run(&["--new", "old.json"]));
    insta::assert_snapshot!(folder.run(&["odl.json", "more.json"]));
}
