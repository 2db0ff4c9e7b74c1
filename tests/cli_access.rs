//! `rolecall access` from the outside: what it prints and the code it ends with.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests write their input and stop where something is missing"
)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::data/*"
    },
    {
      "Sid": "Stop",
      "Effect": "Allow",
      "Action": "ec2:StopInstances",
      "Resource": "*",
      "Condition": { "StringEquals": { "aws:ResourceTag/team": "blue" } }
    },
    {
      "Sid": "Own",
      "Effect": "Allow",
      "Action": "iam:*AccessKey*",
      "Resource": "arn:aws:iam::*:user/${aws:username}"
    }
  ]
}
"#;
const NO_STOP: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "NoStop", "Effect": "Deny", "Action": "ec2:Stop*", "Resource": "*",
    "Condition": { "StringNotEquals": { "aws:RequestedRegion": "eu-west-1" } }
  }]
}
"#;
const KEY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "Account", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
    "Principal": { "AWS": "arn:aws:iam::111122223333:root" }
  }]
}
"#;
const ALL: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }]
}
"#;

/// A folder of its own with the files of the tests, and runs of the binary in it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("access-{name}"));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in [
            ("policy.json", POLICY),
            ("scp.json", NO_STOP),
            ("key.json", KEY),
            ("all.json", ALL),
        ] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        Self(folder)
    }

    /// Returns the exit code, standard output and standard error of a run.
    fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::cargo_bin("rolecall").unwrap();
        command.current_dir(&self.0);
        command
            .args(["access", "--builtin-catalog"])
            .args(arguments);
        let output = command.output().unwrap();
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

/// Returns the exit code and the verdicts, family by family.
fn verdicts(shown: &str) -> Vec<&str> {
    let words = [
        "always: ",
        "sometimes: ",
        "never: ",
        "no request: ",
        "unknown: ",
    ];
    let mut lines = shown.lines();
    let code = lines.next();
    // The headline counts.
    let lines = lines.skip(1);
    let verdict = |line: &'_ str| words.iter().any(|it| line.starts_with(it));
    code.into_iter()
        .chain(
            lines
                .filter(|it| verdict(it))
                .map(|it| it.split(':').next().unwrap()),
        )
        .collect()
}

#[test]
fn always_sometimes_never() {
    let folder = Folder::new("families");
    let asked = [
        "policy.json",
        "--actions",
        "s3:GetObject,s3:PutObject,ec2:StopInstances",
        "--resources",
        "arn:aws:s3:::data/*,arn:aws:ec2:*:*:instance/*",
    ];
    insta::assert_snapshot!(folder.run(&asked));
}

#[test]
fn other_layers_decide_too() {
    let folder = Folder::new("layers");
    let asked = [
        "policy.json",
        "--scp",
        "scp.json",
        "--actions",
        "ec2:StopInstances",
    ];
    let blue = ["--context", "aws:ResourceTag/team=blue"];
    let region = ["aws:RequestedRegion=eu-west-1"];
    let shown = folder.run(&asked);
    assert_eq!(verdicts(&shown), ["exit 1", "sometimes"], "{shown}");
    let shown = folder.run(&[&asked[..], &blue].concat());
    assert_eq!(verdicts(&shown), ["exit 1", "sometimes"], "{shown}");
    assert!(
        shown.contains("`NoStop` of the service control policy denies it"),
        "{shown}"
    );
    let shown = folder.run(&[&asked[..], &blue, &region, &["--must"]].concat());
    assert_eq!(verdicts(&shown), ["exit 0", "always"], "{shown}");
    let shown = folder.run(&[&asked[..], &["--context", "aws:RequestedRegion=us-east-1"]].concat());
    assert_eq!(verdicts(&shown), ["exit 0", "never"], "{shown}");
    let absent = ["--context-absent", "aws:ResourceTag/team"];
    let shown = folder.run(&[&asked[..], &absent].concat());
    assert_eq!(verdicts(&shown), ["exit 0", "never"], "{shown}");
}

#[test]
fn the_caller_settles_policy_variables() {
    let folder = Folder::new("variables");
    let asked = [
        "policy.json",
        "--actions",
        "iam:CreateAccessKey",
        "--resources",
    ];
    let alice = ["--principal", "arn:aws:iam::111122223333:user/alice"];
    let own = ["arn:aws:iam::111122223333:user/alice"];
    let others = ["arn:aws:iam::111122223333:user/bob"];
    let shown = folder.run(&[&asked[..], &own, &alice, &["--must"]].concat());
    assert_eq!(verdicts(&shown), ["exit 0", "always"], "{shown}");
    let shown = folder.run(&[&asked[..], &others, &alice].concat());
    assert_eq!(verdicts(&shown), ["exit 0", "never"], "{shown}");
}

#[test]
fn a_key_needs_its_policy() {
    let folder = Folder::new("key");
    let asked = [
        "all.json",
        "--actions",
        "kms:Decrypt",
        "--resources",
        "arn:aws:kms:us-east-1:111122223333:key/*",
        "--principal",
        "arn:aws:iam::111122223333:user/alice",
        "--must",
    ];
    let shown = folder.run(&asked);
    assert_eq!(verdicts(&shown), ["exit 3", "unknown"], "{shown}");
    let shown = folder.run(&[&asked[..], &["--resource-policy", "key.json"]].concat());
    assert_eq!(verdicts(&shown), ["exit 0", "always"], "{shown}");
}

#[test]
fn what_cannot_be_asked() {
    let folder = Folder::new("nothing");
    let queue = ["--resources", "arn:aws:sqs:us-east-1:111122223333:queue"];
    let shown = folder.run(&[&["policy.json", "--actions", "s3:GetObject"][..], &queue].concat());
    assert_eq!(verdicts(&shown), ["exit 3", "no request"], "{shown}");
    insta::assert_snapshot!(folder.run(&["policy.json", "--actions", "s3:GetObjekt"]));
    insta::assert_snapshot!(folder.run(&["--actions", "s3:GetObject"]));
}

#[test]
fn json() {
    let folder = Folder::new("json");
    let asked = ["policy.json", "--must", "--format", "json", "--actions"];
    insta::assert_snapshot!(folder.run(&[&asked[..], &["ec2:StopInstances"]].concat()));
}
