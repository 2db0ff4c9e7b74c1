//! `rolecall preflight` against a server that speaks AWS's protocol.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests that start another program where there is one, and say where there is none"
)]

#[path = "aws/server.rs"]
mod double;

use std::process::Output;

use assert_cmd::Command;
use double::{ACCOUNT, Double, Key};
use serde_json::Value;

const VENDOR: &str = include_str!("../policies/mengi/eks/policy.json");
/// What the preflight itself needs, by its own words, for the tier `read-self`.
const READ_SELF: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetUser","iam:ListUserPolicies","iam:GetUserPolicy","iam:ListAttachedUserPolicies","iam:ListGroupsForUser"],"Resource":"*"}]}"#;

/// The vendor's own policy without two actions.
fn lacking() -> String {
    let all: Value = serde_json::from_str(VENDOR).unwrap();
    let mut all = all;
    for statement in all["Statement"].as_array_mut().unwrap() {
        if let Some(actions) = statement["Action"].as_array_mut() {
            actions
                .retain(|it| it != "iam:CreatePolicy" && it != "iam:ListInstanceProfilesForRole");
        }
    }
    all.to_string()
}

fn preflight(double: &Double, key: &Key, args: &[&str]) -> Output {
    let mut command = Command::cargo_bin("rolecall").unwrap();
    command
        .env_clear()
        .env("AWS_ACCESS_KEY_ID", &key.id)
        .env("AWS_SECRET_ACCESS_KEY", &key.secret)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", double.endpoint())
        .args(["preflight", "--for", "mengi/eks", "--builtin-catalog"])
        .args(args);
    let output = command.output().unwrap();
    for stream in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(stream);
        assert!(!text.contains(&key.secret), "the secret is shown: {text}");
    }
    output
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The lines of a section of the report.
fn section<'t>(shown: &'t str, title: &str) -> &'t str {
    let start = shown
        .find(title)
        .unwrap_or_else(|| panic!("no {title} in {shown}"));
    let rest = &shown[start..];
    rest.split("\n\n").next().unwrap()
}

#[test]
fn two_missing_actions_are_named_with_what_fails_and_when() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.user("mengi-cloud-byoc", &[&lacking(), READ_SELF]);
    let output = preflight(&double, &key, &["--no-organization"]);
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(1), "{shown}{}", errors(&output));
    for (phase, action) in [
        (
            "Install the AWS Load Balancer Controller (from about minute 20)\n",
            "iam:CreatePolicy",
        ),
        ("Remove everything\n", "iam:ListInstanceProfilesForRole"),
    ] {
        let section = section(&shown, phase);
        assert!(
            section.contains(&format!("error[unmet-requirement]: `{action}`")),
            "{section}"
        );
        assert!(
            section.contains(&format!("add `\"{action}\"` to the actions of `IamForEks`")),
            "{section}"
        );
    }
    let last = shown.lines().last().unwrap();
    assert!(
        last.starts_with("NOT READY: 3 of 165 required calls would be denied"),
        "{last}"
    );
    assert!(last.contains("from about minute 20"), "{last}");
}

#[test]
fn the_vendors_own_policy_is_ready_and_not_isolated() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.user("mengi-cloud-byoc", &[VENDOR, READ_SELF]);
    let output = preflight(&double, &key, &["--no-organization"]);
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(0), "{shown}{}", errors(&output));
    assert!(
        shown.ends_with("READY: all 165 required calls are allowed\n"),
        "{shown}"
    );
    assert!(
        shown.contains("no policy of an organization binds the account, as whoever ran this says")
    );
    let isolated = [
        "--no-organization",
        "--require",
        "isolated",
        "--format",
        "json",
    ];
    let output = preflight(&double, &key, &isolated);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["schema"], "rolecall/preflight/v1");
    assert_eq!(report["verdict"], "ready");
    assert_eq!(report["isolation"]["verdict"], "escapes");
    let rungs = report["requirements"].as_array().unwrap().iter();
    assert!(rungs.clone().any(|it| it["rung"] == "proven"));
}

#[test]
fn limits_that_nobody_read_leave_nothing_certainly_allowed() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.user("mengi-cloud-byoc", &[VENDOR, READ_SELF]);
    let output = preflight(&double, &key, &["--no-probe"]);
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(3), "{shown}");
    assert!(
        shown.contains("rolecall snapshot --organization --account ID"),
        "{shown}"
    );
    assert!(
        shown.contains("NOT KNOWN: 0 of 165 required calls are certainly allowed"),
        "{shown}"
    );
}

#[test]
fn a_key_that_may_not_look_at_itself_leaves_everything_open_until_a_reader_does() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.user("mengi-cloud-byoc", &[VENDOR]);
    let output = preflight(&double, &key, &["--no-organization", "--no-probe"]);
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(3), "{shown}");
    assert!(shown.contains("--reader-profile NAME"), "{shown}");
    assert!(
        section(&shown, "Not read").contains("`iam:GetUser`"),
        "{shown}"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    let admin = double.admin();
    let text_of = format!(
        "[reader]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        admin.id, admin.secret
    );
    std::fs::write(&file, text_of).unwrap();
    let mut command = Command::cargo_bin("rolecall").unwrap();
    command
        .env_clear()
        .env("AWS_ACCESS_KEY_ID", &key.id)
        .env("AWS_SECRET_ACCESS_KEY", &key.secret)
        .env("AWS_SHARED_CREDENTIALS_FILE", &file)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", double.endpoint())
        .args([
            "preflight",
            "--for",
            "mengi/eks",
            "--reader-profile",
            "reader",
            "--no-organization",
        ]);
    let output = command.output().unwrap();
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(0), "{shown}{}", errors(&output));
    assert!(
        shown.contains("policies:   as arn:aws:iam::123456789012:user/"),
        "{shown}"
    );
}

#[test]
fn a_credential_that_cannot_be_used_ends_with_the_reason() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.user("mengi-cloud-byoc", &[VENDOR]);
    let half = Key {
        id: key.id.clone(),
        secret: key.secret[..20].to_owned(),
    };
    let output = preflight(&double, &half, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        errors(&output).contains("SignatureDoesNotMatch"),
        "{}",
        errors(&output)
    );
    assert!(output.stdout.is_empty());
    let output = preflight(&double, &key, &["--var", "account=999999999999"]);
    assert_eq!(output.status.code(), Some(2));
    let words =
        format!("the credential belongs to account {ACCOUNT}, and 999999999999 was asked for");
    assert!(errors(&output).contains(&words), "{}", errors(&output));
}

#[test]
fn a_key_from_standard_input_is_judged_and_nothing_is_kept() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.user("mengi-cloud-byoc", &[VENDOR, READ_SELF]);
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::cargo_bin("rolecall").unwrap();
    command
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", double.endpoint())
        .args([
            "preflight",
            "--for",
            "mengi/eks",
            "--no-organization",
            "--credential-stdin",
        ])
        .write_stdin(format!("{}\n{}\n", key.id, key.secret));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    assert!(!text(&output).contains(&key.secret));
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn what_the_preflight_needs_is_printed_without_asking_anybody() {
    let mut command = Command::cargo_bin("rolecall").unwrap();
    let output = command
        .env_clear()
        .args(["preflight", "--print-permissions"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output).contains("read-self"));
}
