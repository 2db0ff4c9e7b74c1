//! `rolecall snapshot` against a server that speaks AWS's protocol: what it reads, and what it says
//! where it may not, cannot, or is disturbed.
#![expect(
    clippy::unwrap_used,
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
use double::{ACCOUNT, Double, Fault, Key, Which};
use serde_json::Value;

const DOCUMENT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:Get*","iam:List*","organizations:*"],"Resource":"*"}]}"#;
const INLINE: &str = r#"{ "Version": "2012-10-17",  "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/ä%20+*"}] }"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}"#;

/// A user with an attached and an inline policy and a group, a role with a path, and the user's key.
fn fill(double: &Double) -> Key {
    let admin = double.admin();
    let config = config(&double.endpoint(), &admin.id, &admin.secret, None);
    let iam = aws_sdk_iam::Client::new(&config);
    wait(async {
        let policy = iam
            .create_policy()
            .policy_name("eks")
            .policy_document(DOCUMENT);
        let policy = policy.send().await.unwrap().policy.unwrap().arn.unwrap();
        iam.create_user().user_name("cloud").send().await.unwrap();
        let attach = iam.attach_user_policy().user_name("cloud");
        attach.policy_arn(&policy).send().await.unwrap();
        let inline = iam
            .put_user_policy()
            .user_name("cloud")
            .policy_name("no-s3");
        inline.policy_document(INLINE).send().await.unwrap();
        iam.create_group().group_name("team").send().await.unwrap();
        let add = iam.add_user_to_group().group_name("team");
        add.user_name("cloud").send().await.unwrap();
        let attach = iam.attach_group_policy().group_name("team");
        attach.policy_arn(&policy).send().await.unwrap();
        let role = iam.create_role().role_name("manager").path("/vendor/");
        let role = role.assume_role_policy_document(TRUST);
        role.send().await.unwrap();
        let key = iam.create_access_key().user_name("cloud").send().await;
        let key = key.unwrap().access_key.unwrap();
        Key {
            id: key.access_key_id,
            secret: key.secret_access_key,
        }
    })
}

fn snapshot(double: &Double, key: &Key, args: &[&str]) -> Output {
    let mut command = Command::cargo_bin("rolecall").unwrap();
    command
        .env_clear()
        .env("AWS_ACCESS_KEY_ID", &key.id)
        .env("AWS_SECRET_ACCESS_KEY", &key.secret)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", double.endpoint())
        .args(["snapshot", "--out", "-"])
        .args(args);
    let output = command.output().unwrap();
    for stream in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(stream);
        assert!(!text.contains(&key.secret), "the secret is shown: {text}");
    }
    output
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The snapshot without the time, which is the only thing that differs from run to run.
fn timeless(output: &Output) -> Value {
    let mut value = json(output);
    value.as_object_mut().unwrap().remove("taken").unwrap();
    value
}

#[test]
fn a_user_is_read_with_its_groups_and_documents_byte_by_byte() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = fill(&double);
    let output = snapshot(&double, &key, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let read = rolecall::store::snapshot::read("<stdout>", &text).unwrap();
    let [user] = read.principals.as_slice() else {
        panic!("{read:?}");
    };
    assert_eq!(user.arn, format!("arn:aws:iam::{ACCOUNT}:user/cloud"));
    assert!(user.complete && read.unread.is_empty());
    let found = user.policies.iter();
    let found: Vec<_> = found
        .map(|it| (it.text.name.as_str(), it.text.text.as_str()))
        .collect();
    let policy = format!("arn:aws:iam::{ACCOUNT}:policy/eks");
    let inline = format!("arn:aws:iam::{ACCOUNT}:user/cloud#no-s3");
    assert_eq!(
        found,
        [
            (&*inline, INLINE),
            (&*policy, DOCUMENT),
            (&*policy, DOCUMENT)
        ]
    );
    // What is read twice is asked for once.
    let versions = double.actions();
    let versions = versions.iter().filter(|it| *it == "iam:GetPolicyVersion");
    assert_eq!(versions.count(), 1);
    assert!(errors(&output).contains("by group arn:aws:iam::123456789012:group/team"));
}

#[test]
fn a_session_is_read_as_its_role_with_path_and_trust() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = fill(&double);
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/manager/vendor-1");
    let output = snapshot(&double, &key, &["--principal", &session]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let read = rolecall::store::snapshot::read("<stdout>", &text).unwrap();
    let role = read.principal(&session).unwrap();
    assert_eq!(
        role.arn,
        format!("arn:aws:iam::{ACCOUNT}:role/vendor/manager")
    );
    assert_eq!(role.trust.as_ref().unwrap().text, TRUST);
}

#[test]
fn what_is_denied_is_listed_and_the_rest_is_read() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = fill(&double);
    let words = "User: arn:aws:iam::123456789012:user/cloud is not authorized to perform: \
                 iam:GetPolicyVersion on resource: policy eks because no identity-based policy \
                 allows the iam:GetPolicyVersion action";
    double.fault(
        "iam:GetPolicyVersion",
        Which::Every,
        Fault::Deny(words.to_owned()),
    );
    let output = snapshot(&double, &key, &[]);
    assert_eq!(output.status.code(), Some(3));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let read = rolecall::store::snapshot::read("<stdout>", &text).unwrap();
    assert!(!read.principals[0].complete);
    assert_eq!(
        read.principals[0].policies.len(),
        1,
        "the inline one is there"
    );
    let [unread] = read.unread.as_slice() else {
        panic!("{:?}", read.unread);
    };
    assert_eq!(unread.operation, "iam:GetPolicyVersion");
    assert_eq!(unread.code, "AccessDenied");
    assert_eq!(unread.message, words);
    assert!(errors(&output).contains("not read, so whatever depends on it stays unknown"));
}

#[test]
fn any_read_that_is_denied_is_never_taken_for_nothing() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = fill(&double);
    let reads = [
        "iam:GetUser",
        "iam:ListUserPolicies",
        "iam:GetUserPolicy",
        "iam:ListAttachedUserPolicies",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:ListGroupsForUser",
        "iam:ListGroupPolicies",
        "iam:ListAttachedGroupPolicies",
    ];
    for read in reads {
        double.clear_faults();
        double.fault(read, Which::Every, Fault::Deny("no".to_owned()));
        let output = snapshot(&double, &key, &[]);
        assert_eq!(output.status.code(), Some(3), "{read}");
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        let found = rolecall::store::snapshot::read("<stdout>", &text).unwrap();
        assert!(!found.principals[0].complete, "{read}");
        assert!(found.unread.iter().any(|it| it.operation == read), "{read}");
    }
}

#[test]
fn throttled_and_broken_answers_are_asked_for_again() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = fill(&double);
    let calm = timeless(&snapshot(&double, &key, &[]));
    for fault in [
        Fault::Throttle,
        Fault::ServerError,
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::HalfAnswer,
    ] {
        double.clear_faults();
        double.fault("iam:ListGroupsForUser", Which::First(2), fault);
        let output = snapshot(&double, &key, &[]);
        assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
        assert_eq!(timeless(&output), calm);
    }
}

#[test]
fn a_credential_that_cannot_be_used_is_named_with_what_to_do() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.admin();
    let cases = [
        (
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            "mistyped",
        ),
        (
            "ExpiredToken",
            "The security token included in the request is expired",
            "sign in again",
        ),
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20261129T000000Z is now earlier than 20261129T001500Z",
            "clock",
        ),
    ];
    for (code, message, help) in cases {
        double.clear_faults();
        let refusal = double::Refusal::new(403, code, message);
        double.fault(
            "sts:GetCallerIdentity",
            Which::Every,
            Fault::Refuse(refusal),
        );
        let output = snapshot(&double, &key, &[]);
        assert_eq!(output.status.code(), Some(2), "{code}");
        let text = errors(&output);
        assert!(text.contains(code) && text.contains(help), "{text}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn who_is_not_of_this_account_is_not_read() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = fill(&double);
    let other = ["--principal", "arn:aws:iam::444455556666:user/cloud"];
    let output = snapshot(&double, &key, &other);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("belongs to account 444455556666"));
}

#[test]
fn an_organization_is_read_by_level() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = fill(&double);
    let config = config(&double.endpoint(), &key.id, &key.secret, None);
    let client = aws_sdk_organizations::Client::new(&config);
    wait(async {
        use aws_sdk_organizations::types::{OrganizationFeatureSet, PolicyType};
        let create = client.create_organization();
        let create = create.feature_set(OrganizationFeatureSet::All);
        create.send().await.unwrap();
        let roots = client.list_roots().send().await.unwrap();
        let root = roots.roots()[0].id().unwrap().to_owned();
        let enable = client.enable_policy_type().root_id(&root);
        let enable = enable.policy_type(PolicyType::ServiceControlPolicy);
        enable.send().await.unwrap();
    });
    let output = snapshot(&double, &key, &["--organization"]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let read = rolecall::store::snapshot::read("<stdout>", &text).unwrap();
    let found = read.organization.unwrap();
    assert_eq!(found.management_account, ACCOUNT);
    let levels = found.scps.unwrap();
    assert!(levels[0].target.starts_with("r-"));
    assert_eq!(levels.last().unwrap().target, ACCOUNT);
    assert!(
        levels
            .iter()
            .all(|it| it.policies[0].text.contains("Allow"))
    );
    assert_eq!(found.rcps, None);
}

#[test]
fn organization_policies_that_may_not_be_read_are_said() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = fill(&double);
    double.fault(
        "organizations:*",
        Which::Every,
        Fault::Deny("no".to_owned()),
    );
    let output = snapshot(&double, &key, &["--organization"]);
    assert_eq!(output.status.code(), Some(3));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let read = rolecall::store::snapshot::read("<stdout>", &text).unwrap();
    assert!(read.organization.is_none() && read.principals[0].complete);
    assert_eq!(
        read.unread[0].operation,
        "organizations:DescribeOrganization"
    );
}

#[test]
fn an_account_without_organization_is_told_from_one_that_was_not_read() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = fill(&double);
    let words = "Your account is not a member of an organization.";
    let refusal = double::Refusal::new(400, "AWSOrganizationsNotInUseException", words);
    double.fault(
        "organizations:DescribeOrganization",
        Which::Every,
        Fault::Refuse(refusal),
    );
    let output = snapshot(&double, &key, &["--organization"]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let read = rolecall::store::snapshot::read("<stdout>", &text).unwrap();
    assert!(read.in_no_organization && read.unread.is_empty());
    assert!(errors(&output).contains("the account is in no organization"));
}

#[test]
fn a_live_account_is_judged_as_its_files_are() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.user("mengi-cloud-byoc", &[&published()]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("account.json");
    let output = snapshot(&double, &key, &[]);
    std::fs::write(&file, &output.stdout).unwrap();
    let checked = Command::cargo_bin("rolecall")
        .unwrap()
        .args([
            "check",
            "--for",
            "mengi/eks",
            "--no-isolation",
            "--snapshot",
        ])
        .arg(&file)
        .output()
        .unwrap();
    let text = String::from_utf8(checked.stdout).unwrap();
    assert!(
        text.contains("ENOUGH: all 165 required calls are allowed"),
        "{text}"
    );
}

/// The policy that Mengi Cloud publishes, with the reads that a snapshot makes.
fn published() -> String {
    let text = std::fs::read_to_string("policies/mengi/eks/policy.json").unwrap();
    let mut policy: Value = serde_json::from_str(&text).unwrap();
    let reads = serde_json::json!({
        "Effect": "Allow",
        "Action": ["iam:Get*", "iam:List*"],
        "Resource": "*",
    });
    policy["Statement"].as_array_mut().unwrap().push(reads);
    policy.to_string()
}
