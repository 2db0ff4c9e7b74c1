//! `rolecall preflight` against a server that speaks AWS's protocol.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests that start another program where there is one, and say where there is none"
)]

#[path = "aws/server.rs"]
mod double;

use std::process::Output;

use assert_cmd::Command;
use double::{ACCOUNT, Double, Fault, Key, Refusal, Which};
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

#[test]
fn two_missing_actions_are_named_with_what_fails_and_when() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.user("mengi-cloud-byoc", &[&lacking(), READ_SELF]);
    let output = preflight(&double, &key, &[]);
    let shown = text(&output);
    eprintln!("{shown}{}", errors(&output));
    assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
}
