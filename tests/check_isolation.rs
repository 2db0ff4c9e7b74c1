//! `check` with ways beyond the access: its verdict, its exit codes, its report.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test runs the binary on files of its own"
)]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// A vendor that needs one call.
const PROFILE: &str = r#"
schema = 1
title = "Example backups"
summary = "A role writes backups into one bucket"
default-actor = "vendor"

[source]
document = "Backup setup guide"
publisher = "Example"

[evidence]
guide = "Example, Backup setup guide"

[variables.account]
type = "account-id"
default = "111122223333"
description = "the customer's account"

[variables.bucket]
type = "text"
default = "example-backups"
description = "the bucket for backups"

[tags]
Vendor = "example"

[actors.vendor]
kind = "role-session"
principal = "arn:aws:sts::{account}:assumed-role/example-backup/session"
title = "the vendor's role"

[[phases]]
name = "run"
title = "Write backups"

[objects.backup]
type = "s3:object"
arn = "arn:aws:s3:::{bucket}/*"
account = "{account}"

[[requirements]]
id = "write-backup"
phase = "run"
action = "s3:PutObject"
resources = ["backup"]
why = "writes a backup"
breaks = "backups stop with AccessDenied on s3:PutObject"
evidence = ["guide"]
"#;

/// Runs `check` on a policy with these statements and returns its exit code and output.
fn check(name: &str, statements: Value, arguments: &[&str]) -> (i32, String) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("check-isolation")
        .join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    std::fs::write(folder.join("policy.json"), format!("{policy:#}")).unwrap();
    std::fs::write(folder.join("profile.toml"), PROFILE).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    command.current_dir(&folder);
    command.args([
        "check",
        "--for",
        "profile.toml",
        "policy.json",
        "--builtin-catalog",
    ]);
    let output = command.args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text)
}

fn backups() -> Value {
    json!({"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::example-backups/*"})
}

fn own_policies() -> Value {
    json!({"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "*"})
}

#[test]
fn access_without_steps_is_isolated() {
    let (code, text) = check("isolated", backups(), &["--require", "isolated"]);
    assert!(
        text.contains("ISOLATED: within this account, by IAM"),
        "{text}"
    );
    assert_eq!(code, 0, "{text}");
}

#[test]
fn a_way_out_fails_only_where_isolation_is_required() {
    let statements = json!([backups(), own_policies()]);
    let (code, text) = check("told", statements.clone(), &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("(W10)"), "{text}");
    let (code, text) = check("required", statements, &["--require", "isolated"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("fix: "), "{text}");
}

#[test]
fn machines_read_the_steps() {
    let statements = json!([backups(), own_policies()]);
    let (_, text) = check("json", statements, &["--format", "json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    let isolation = &report["isolation"];
    assert_eq!(isolation["verdict"], "escapes");
    let finding = &isolation["findings"][0];
    assert_eq!(finding["class"], "W10");
    let step = &finding["steps"][0];
    assert_eq!(step["action"], "iam:PutRolePolicy");
    assert_eq!(step["allowed_by"]["file"], "policy.json");
}

#[test]
fn nobody_looks_where_nobody_asks() {
    let (code, text) = check(
        "off",
        json!([backups(), own_policies()]),
        &["--no-isolation"],
    );
    assert_eq!(code, 0, "{text}");
    assert!(!text.contains("W10"), "{text}");
}
