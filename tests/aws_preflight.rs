//! `rolecall preflight` against a server that speaks AWS's protocol.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests that start another program where there is one, and say where there is none"
)]

#[path = "aws/client.rs"]
mod client;
#[path = "aws/server.rs"]
mod double;

use std::process::Output;

use assert_cmd::Command;
use client::{config, wait};
use double::{ACCOUNT, Double, Key};
use rolecall::aws::{Connection, Live, Where};
use rolecall::catalog::Catalog;
use rolecall::cli::profiles::load_profile;
use rolecall::preflight::{Order, Parties, Probing, run};
use rolecall::profile::Settings;
use secrecy::SecretString;
use serde_json::Value;

const VENDOR: &str = include_str!("../policies/mengi/eks/policy.json");
/// What the preflight itself needs, by its own words, for the tier `read-self`.
const READ_SELF: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetUser","iam:ListUserPolicies","iam:GetUserPolicy","iam:ListAttachedUserPolicies","iam:ListGroupsForUser"],"Resource":"*"}]}"#;

const READ_SELF_ROLE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetRole","iam:ListRolePolicies","iam:GetRolePolicy","iam:ListAttachedRolePolicies"],"Resource":"*"}]}"#;

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

/// The program with nothing around it but a key and a server.
fn command(endpoint: &str, key: &Key) -> Command {
    let mut command = Command::cargo_bin("rolecall").unwrap();
    command
        .env_clear()
        .env("AWS_ACCESS_KEY_ID", &key.id)
        .env("AWS_SECRET_ACCESS_KEY", &key.secret)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", endpoint);
    command
}

fn preflight(double: &Double, key: &Key, args: &[&str]) -> Output {
    let mut command = command(&double.endpoint(), key);
    command
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
    assert!(shown.contains("`--probe-writes` sends them"), "{shown}");
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
    let mut command = command(&double.endpoint(), &key);
    command.env("AWS_SHARED_CREDENTIALS_FILE", &file).args([
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

/// A user who may assume a role, and the role with this trust policy and access.
fn role(double: &Double, condition: &str) -> (Key, String) {
    let assume = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}"#;
    let key = double.user("cloud-manager", &[assume]);
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:user/cloud-manager"}},"Action":"sts:AssumeRole"{condition}}}]}}"#
    );
    let admin = double.admin();
    let config = config(&double.endpoint(), &admin.id, &admin.secret, None);
    let iam = aws_sdk_iam::Client::new(&config);
    wait(async {
        let role = iam.create_role().role_name("vendor");
        let role = role
            .assume_role_policy_document(trust)
            .send()
            .await
            .unwrap();
        for (name, document) in [("access", VENDOR), ("self", READ_SELF_ROLE)] {
            let put = iam.put_role_policy().role_name("vendor").policy_name(name);
            put.policy_document(document).send().await.unwrap();
        }
        (key, role.role.unwrap().arn)
    })
}

#[test]
fn a_role_is_judged_through_its_door_which_must_not_open_to_others() {
    const ASKED: &str = r#","Condition":{"StringEquals":{"sts:ExternalId":"o-right"}}"#;
    for (condition, code) in [(ASKED, 0), ("", 1)] {
        let Some(double) = Double::start() else {
            return;
        };
        let (key, arn) = role(&double, condition);
        let door = [
            "--role",
            &arn,
            "--external-id",
            "o-right",
            "--no-organization",
        ];
        let output = preflight(&double, &key, &door);
        let shown = text(&output);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{shown}{}",
            errors(&output)
        );
        let trust = section(&shown, "Trust of");
        let fails = trust.matches("FAIL").count();
        assert_eq!(fails, if code == 0 { 0 } else { 2 }, "{trust}");
        assert!(shown.contains("credential: role session"), "{shown}");
        let wrong = ["--role", &arn, "--external-id", "o-wrong"];
        let output = preflight(&double, &key, &wrong);
        match code {
            0 => assert!(errors(&output).contains("does not open to this external ID")),
            _ => assert_eq!(output.status.code(), Some(1)),
        }
    }
}

#[test]
fn a_dry_run_settles_what_nobody_may_read() {
    let Some(double) = Double::start() else {
        return;
    };
    let nothing = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"eks:ListClusters","Resource":"*"}]}"#;
    for (policy, verdict, code) in [(VENDOR, "met", 3), (nothing, "not-met", 1)] {
        let user = format!("vendor-{verdict}");
        let key = double.user(&user, &[policy]);
        double.forget_calls();
        let args = ["--probe-writes", "--format", "json"];
        let output = preflight(&double, &key, &args);
        assert_eq!(output.status.code(), Some(code), "{}", errors(&output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let requirements = report["requirements"].as_array().unwrap();
        // A refused create says nothing of its tags.
        let tagging = (verdict == "met").then_some("create-vpc/ec2:CreateTags");
        for id in ["create-vpc", "allocate-address"]
            .into_iter()
            .chain(tagging)
        {
            let found = requirements.iter().find(|it| it["id"] == id);
            let found = found.unwrap_or_else(|| panic!("no {id}"));
            assert_eq!(
                (&found["rung"], &found["verdict"]),
                (&"probed".into(), &verdict.into()),
                "{found:#}"
            );
        }
        let wrote = double.calls();
        let wrote = wrote.iter().filter(|it| it.service == "ec2");
        for call in wrote.filter(|it| !it.action().starts_with("ec2:Describe")) {
            assert_eq!(call.text("DryRun"), "true", "{}", call.action());
        }
        // Without being asked to, only reads are sent.
        double.forget_calls();
        preflight(&double, &key, &["--format", "json"]);
        assert!(
            double
                .calls()
                .iter()
                .all(|it| it.text("DryRun") != "true" || it.action().starts_with("ec2:Describe"))
        );
    }
}

#[test]
fn what_ec2_encodes_is_decoded_where_that_is_allowed() {
    let Some(double) = Double::start() else {
        return;
    };
    let decode = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:DecodeAuthorizationMessage","Resource":"*"}]}"#;
    let may = double.user("may", &[decode]);
    let may_not = double.user("may-not", &[READ_SELF]);
    let (_, denied) = double.ec2(&may, "Action=CreateVpc&CidrBlock=10.0.0.0/16");
    // As EC2 said it before it named the sort of policy.
    let end = denied.find("Encoded").unwrap();
    let start = denied.find("User: ").unwrap();
    let denied = format!(
        "UnauthorizedOperation: CreateVpc: {}{}",
        &denied[..start],
        &denied[end..]
    );
    for (key, shown) in [
        (&may, "refused:   implicitly, as nothing allows it"),
        (
            &may_not,
            "not decoded: sts:DecodeAuthorizationMessage failed with AccessDenied",
        ),
    ] {
        let mut command = command(&double.endpoint(), key);
        command
            .args(["why", "--decode", "-"])
            .write_stdin(denied.as_str());
        let output = command.output().unwrap();
        let all = format!("{}{}", text(&output), errors(&output));
        assert!(all.contains(shown), "{all}");
        assert!(
            all.contains("EC2 hides the reason") == (key == &may_not),
            "{all}"
        );
    }
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

/// As the README shows it.
#[test]
fn the_library_says_the_same() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.user("mengi-cloud-byoc", &[&lacking(), READ_SELF]);
    let place = Where {
        endpoint: Some(double.endpoint()),
        region: Some("eu-central-1".to_owned()),
        ..Where::default()
    };
    let secret = SecretString::from(key.secret.clone());
    let connection = Connection::with_key(&place, &key.id, &secret).unwrap();
    let mut account = Live::new(&connection, "2026-11-29T12:00:00Z".to_owned());
    let profile = load_profile("mengi/eks").unwrap().profile;
    let order = Order {
        profile: &profile,
        settings: &Settings::default(),
        catalog: Catalog::builtin(),
        organization: None,
        no_organization: true,
        probing: Probing::Reads,
        opinion: false,
        random: "5f0c9f0e6f0a4b0d9a3c1e2f3a4b5c6d",
        trust: None,
    };
    let parties = &mut Parties {
        account: &mut account,
        reader: None,
        assumer: None,
    };
    let report = run(&order, parties).unwrap();
    assert!(!report.is_ready() && report.fails());
    let reasons = report.reasons().join("\n");
    for action in ["`iam:CreatePolicy`", "`iam:ListInstanceProfilesForRole`"] {
        assert!(reasons.contains(action), "{reasons}");
    }
    assert!(!format!("{report:?}{connection:?}{account:?}").contains(&key.secret));
}

/// Without our layers in between: what moto itself speaks is understood as well.
#[test]
fn a_server_that_is_not_ours_is_understood() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.user("mengi-cloud-byoc", &[VENDOR, READ_SELF]);
    let mut command = command(&double.moto_endpoint(), &key);
    command.args(["preflight", "--for", "mengi/eks", "--no-probe"]);
    let output = command.output().unwrap();
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(0), "{shown}{}", errors(&output));
    assert!(shown.contains("READY: all 165"), "{shown}");
}
