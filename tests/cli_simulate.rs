//! `rolecall simulate` from the outside: what it prints and the code it ends with.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests write their input and stop where something is missing"
)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;

const ALICE: &str = "arn:aws:iam::111111111111:user/alice";
const OBJECT: &str = "arn:aws:s3:::bucket/home/alice/x";

const IDENTITY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "OwnFolder",
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:ListBucket"],
      "Resource": "arn:aws:s3:::bucket/home/${aws:username}/*"
    },
    {
      "Sid": "FromTheOffice",
      "Effect": "Allow",
      "Action": "s3:*",
      "Resource": "*",
      "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } }
    }
  ]
}
"#;
const BOUNDARY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*" }]
}
"#;
const NO_DELETE: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{ "Sid": "NoDelete", "Effect": "Deny", "Action": "s3:Delete*", "Resource": "*" }]
}
"#;
const TRUST: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": { "AWS": "arn:aws:iam::111111111111:root" },
    "Action": "sts:AssumeRole"
  }]
}
"#;
const RUN: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": "ec2:RunInstances",
    "Resource": "*",
    "Condition": { "StringLikeIfExists": { "ec2:InstanceType": "t3.*" } }
  }]
}
"#;

/// A folder of its own with the files of the tests, and runs of the binary in it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let it = Self(folder);
        for (name, text) in [
            ("identity.json", IDENTITY),
            ("boundary.json", BOUNDARY),
            ("scp.json", NO_DELETE),
            ("trust.json", TRUST),
            ("run.json", RUN),
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
            .args(["simulate", "--builtin-catalog"])
            .args(arguments);
        command
    }

    /// Returns the exit code, standard output and standard error of a run.
    fn run(&self, arguments: &[&str]) -> String {
        show(self.command(arguments))
    }

    /// Asks about alice's object.
    fn ask(&self, action: &str, more: &[&str]) -> String {
        let mut arguments = vec![
            "--principal",
            ALICE,
            "--action",
            action,
            "--resource",
            OBJECT,
        ];
        arguments.extend(["--resource-account", "111111111111"]);
        arguments.extend(more);
        self.run(&arguments)
    }
}

fn show(mut command: Command) -> String {
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

#[test]
fn allowed() {
    let folder = Folder::new("allowed");
    insta::assert_snapshot!(folder.ask("s3:GetObject", &["--identity", "identity.json"]));
}

#[test]
fn denied_by_a_silent_boundary() {
    let folder = Folder::new("boundary");
    let policies = ["--identity", "identity.json", "--boundary", "boundary.json"];
    insta::assert_snapshot!(folder.ask("s3:GetObject", &policies));
}

#[test]
fn denied_by_a_deny_of_an_scp() {
    let folder = Folder::new("scp");
    let policies = ["--identity", "identity.json", "--scp", "ou-1=scp.json"];
    insta::assert_snapshot!(folder.ask("s3:DeleteObject", &policies));
}

#[test]
fn unknown_for_want_of_a_key() {
    let folder = Folder::new("unknown");
    insta::assert_snapshot!(folder.ask("s3:PutObject", &["--identity", "identity.json"]));
    let given = [
        "--identity",
        "identity.json",
        "--context",
        "aws:SourceIp=10.0.0.1",
    ];
    insta::assert_snapshot!(folder.ask("s3:PutObject", &given));
    let complete = ["--identity", "identity.json", "--context-complete"];
    assert!(
        folder
            .ask("s3:PutObject", &complete)
            .starts_with("exit 1\ndenied: ")
    );
    let absent = [
        "--identity",
        "identity.json",
        "--context-absent",
        "aws:SourceIp",
    ];
    assert!(
        folder
            .ask("s3:PutObject", &absent)
            .starts_with("exit 1\ndenied: ")
    );
}

#[test]
fn answers_as_json() {
    let folder = Folder::new("json");
    let given = [
        "--identity",
        "identity.json",
        "--boundary",
        "boundary.json",
        "--context",
        "s3:prefix=x",
        "--format",
        "json",
    ];
    insta::assert_snapshot!(folder.ask("s3:GetObject", &given));
}

#[test]
fn several_resources_are_one_call() {
    let folder = Folder::new("several");
    let image = "arn:aws:ec2:us-east-1::image/ami-1";
    let instance = "arn:aws:ec2:us-east-1:111111111111:instance/*";
    let mut arguments = vec!["--principal", ALICE, "--action", "ec2:RunInstances"];
    arguments.extend([
        "--identity",
        "run.json",
        "--context-complete",
        "--resource",
        image,
        instance,
    ]);
    arguments.extend(["--context-for", instance, "ec2:InstanceType=m5.large"]);
    insta::assert_snapshot!(folder.run(&arguments));
    let last = arguments.len() - 1;
    arguments[last] = "ec2:InstanceType=t3.micro";
    insta::assert_snapshot!(folder.run(&arguments));
}

#[test]
fn refuses_what_cannot_be_meant() {
    let folder = Folder::new("refuses");
    folder.write(
        "policy.txt",
        r#"{"Policy": {"PolicySummary": {"Type": "SERVICE_CONTROL_POLICY"}, "Content": "{\"Version\": \"2012-10-17\", \"Statement\": []}"}}"#,
    );
    let shown = [
        folder.ask("s3:GetObject", &["--identity", "idenity.json"]),
        folder.ask("s3:GetObject", &["--identity", "trust.json"]),
        folder.ask("s3:GetObject", &["--resource-policy", "identity.json"]),
        folder.ask("s3:GetObject", &["--boundary", "policy.txt"]),
        folder.ask("s3:GetObject", &["--scp", "root="]),
        folder.ask("s3:GetObject", &["--trust", "trust.json"]),
        folder.ask("s3:GetObject", &["--context", "aws:SorceIp=10.0.0.1"]),
        folder.ask("s3:GetObject", &["--context", "aws:SourceIp"]),
        folder.ask("s3:GetObject", &["--fact", "s3.bucketabac=true"]),
        folder.ask("s3:GetObjet", &[]),
        folder.ask("s4:GetObject", &[]),
        folder.ask("s3:Get*", &[]),
        folder.run(&[
            "--principal",
            "alice",
            "--action",
            "s3:GetObject",
            "--resource",
            OBJECT,
        ]),
        folder.run(&["--action", "s3:GetObject", "--resource", "bucket"]),
        folder.run(&["--action", "s3:GetObject"]),
        folder.run(&[
            "--action",
            "s3:GetObject",
            "--resource",
            OBJECT,
            "--resource-account",
            "1",
        ]),
    ];
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn says_what_was_not_read() {
    let folder = Folder::new("unread");
    folder.write("broken.json", "{ \"Statement\": [");
    folder.write("twice.json", r#"{"Statement": [], "Statement": []}"#);
    let policies = ["--identity", "identity.json", "broken.json"];
    insta::assert_snapshot!(folder.ask("s3:GetObject", &policies));
    // A Deny stands whatever the other document says.
    let policies = [
        "--identity",
        "identity.json",
        "broken.json",
        "--scp",
        "scp.json",
    ];
    assert!(
        folder
            .ask("s3:DeleteObject", &policies)
            .starts_with("exit 1\ndenied: a Deny in ")
    );
    // AWS refuses a document with a repeated key, and both places are told once.
    insta::assert_snapshot!(folder.ask(
        "s3:GetObject",
        &["--identity", "identity.json", "twice.json"]
    ));
}

/// The first cases of `neutral.jsonl`, with their expected decisions.
fn lines(count: usize) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/evaluate/neutral.jsonl");
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().take(count).map(str::to_owned).collect()
}

#[test]
fn a_batch_answers_in_order() {
    let folder = Folder::new("batch");
    let lines = lines(500);
    let mut command = folder.command(&["--batch", "-"]);
    let output = command.write_stdin(lines.join("\n")).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<&str> = text.lines().collect();
    assert_eq!(answers.len(), lines.len());
    for (line, answer) in lines.iter().zip(&answers) {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
        assert_eq!(line["id"], answer["id"]);
        let expected = line["expected"]["decision"].as_str().unwrap();
        assert!(
            answer["decision"].as_str().unwrap().ends_with(expected),
            "{answer}"
        );
    }
    insta::assert_snapshot!(answers[..3].join("\n"));
}

#[test]
fn a_batch_goes_on_after_a_line_that_cannot_be_read() {
    let folder = Folder::new("batch-unread");
    let good = &lines(1)[0];
    let text = format!(
        "{good}\n{{\"id\": \"no request\"}}\n\nnot JSON\n{{\"id\": 4, \"request\": {{\"principal\": \"x\", \"action\": \"s3:GetObject\"}}}}\n{good}\n"
    );
    folder.write("cases.jsonl", &text);
    insta::assert_snapshot!(folder.run(&["--batch", "cases.jsonl"]));
    folder.write("empty.jsonl", "");
    assert_eq!(folder.run(&["--batch", "empty.jsonl"]), "exit 0\n");
    insta::assert_snapshot!(folder.run(&["--batch", "case.jsonl"]));
    assert!(
        folder
            .run(&["--batch", "cases.jsonl", "--action", "s3:GetObject"])
            .starts_with("exit 2\n")
    );
}

#[test]
fn a_batch_skips_a_line_that_is_too_long() {
    let folder = Folder::new("batch-long");
    let good = &lines(1)[0];
    let long = "x".repeat(17 * 1024 * 1024);
    let mut command = folder.command(&["--batch", "-"]);
    command.write_stdin(format!("{good}\n{long}\n{good}\n"));
    let shown = show(command);
    let decided = shown
        .lines()
        .filter(|line| line.contains("\"decision\":\""))
        .count();
    assert_eq!(decided, 2, "{shown}");
    assert!(
        shown.starts_with("exit 3\n") && shown.contains("\"line\":2"),
        "{shown}"
    );
}
