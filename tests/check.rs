//! `rolecall check` from the outside: policies in, report and exit code out.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a test reads its files and stops where something is missing"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};

fn root(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))
}

fn mengi() -> Value {
    let text = std::fs::read_to_string(root("policies/mengi/eks/policy.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A file of this test's own.
fn write(name: &str, policy: &Value) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("check");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, format!("{policy:#}")).unwrap();
    path
}

struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

fn rolecall(arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    command.args(arguments);
    if arguments.first() == Some(&"check") {
        // `tests/check_isolation.rs` is about the ways out, which take their time in debug builds.
        command.arg("--no-isolation");
    }
    let output = command.output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn check(policy: &Path, more: &[&str]) -> (i32, Value) {
    let policy = policy.to_str().unwrap();
    let mut arguments = vec!["check", "--for", "mengi/eks", policy];
    arguments.extend(["--format", "json", "--builtin-catalog"]);
    arguments.extend(more);
    let run = rolecall(&arguments);
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    (run.code, serde_json::from_str(&run.stdout).unwrap())
}

/// The requirements that are not met: phase and action.
fn unmet(report: &Value) -> BTreeSet<(String, String)> {
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    report["requirements"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["verdict"] != "met")
        .map(|it| (text(&it["phase"]), text(&it["action"])))
        .collect()
}

fn pairs(list: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    list.iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect()
}

/// What the guide's policy leaves out, and the profile only recommends.
const LEFT_OUT: [(&str, &str); 2] = [
    ("update", "iam:UpdateAssumeRolePolicy"),
    ("update", "iam:UpdateOpenIDConnectProviderThumbprint"),
];

fn without(action: &str) -> Value {
    let mut policy = mengi();
    for statement in policy["Statement"].as_array_mut().unwrap() {
        if let Some(actions) = statement["Action"].as_array_mut() {
            actions.retain(|it| it != action);
        }
    }
    policy
}

#[test]
fn the_published_policy_is_enough() {
    let (code, report) = check(Path::new(&root("policies/mengi/eks/policy.json")), &[]);
    assert_eq!(code, 0);
    assert_eq!(report["schema"], "rolecall/check/v1");
    assert_eq!(report["summary"]["sufficient"], true);
    assert_eq!(unmet(&report), pairs(&LEFT_OUT));
    for requirement in report["requirements"].as_array().unwrap() {
        let met = requirement["verdict"] == "met";
        assert!(
            met || requirement["strength"] == "recommended",
            "{requirement:#}"
        );
    }
}

#[test]
fn without_create_policy_exactly_the_calls_that_need_it_fail() {
    let (code, report) = check(
        &write("no-create-policy.json", &without("iam:CreatePolicy")),
        &[],
    );
    assert_eq!(code, 1);
    let mut expected = pairs(&LEFT_OUT);
    expected.extend(pairs(&[
        ("load-balancer-controller", "iam:CreatePolicy"),
        ("autoscaling", "iam:CreatePolicy"),
    ]));
    assert_eq!(unmet(&report), expected);
    let failed = find(&report, "load-balancer-controller", "iam:CreatePolicy");
    assert_eq!(failed["verdict"], "not-met");
    assert_eq!(failed["reason"], "no-statement-names-the-action");
    assert_eq!(failed["layer"], "identity");
    assert_eq!(failed["nearest"]["sid"], "IamForEks");
    assert_eq!(failed["fix"][0]["kind"], "add-action");
    assert_eq!(failed["fix"][0]["action"], "iam:CreatePolicy");
    assert!(
        failed["consequence"]
            .as_str()
            .unwrap()
            .contains("iam:CreatePolicy"),
        "{failed:#}"
    );
}

#[test]
fn without_list_instance_profiles_for_role_teardown_fails() {
    let policy = without("iam:ListInstanceProfilesForRole");
    let (code, report) = check(&write("no-list-profiles.json", &policy), &[]);
    assert_eq!(code, 1);
    let mut expected = pairs(&LEFT_OUT);
    expected.extend(pairs(&[("teardown", "iam:ListInstanceProfilesForRole")]));
    assert_eq!(unmet(&report), expected);
    let failed = find(&report, "teardown", "iam:ListInstanceProfilesForRole");
    assert_eq!(failed["tool"], "terraform");
}

/// Every action that a requirement needs, taken away one at a time, is missed.
#[test]
fn no_action_of_the_policy_can_go_unnoticed() {
    let needed: BTreeSet<String> = {
        let (_, report) = check(Path::new(&root("policies/mengi/eks/policy.json")), &[]);
        let list = report["requirements"].as_array().unwrap().clone();
        // Of alternatives one is enough.
        list.iter()
            .filter(|it| it["alternative"].is_null())
            .map(|it| it["action"].as_str().unwrap().to_owned())
            .collect()
    };
    let actions = mengi()["Statement"][2]["Action"]
        .as_array()
        .unwrap()
        .clone();
    for action in actions.iter().map(|it| it.as_str().unwrap()) {
        let (_, report) = check(
            &write(&format!("no-{}.json", &action[4..]), &without(action)),
            &[],
        );
        let missed = unmet(&report).iter().any(|(_, it)| it == action);
        assert_eq!(missed, needed.contains(action), "{action}");
    }
}

#[test]
fn the_layer_that_blocks_is_named() {
    let policy = root("policies/mengi/eks/policy.json");
    let allow = |actions: Value| {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": actions, "Resource": "*"}]})
    };
    let narrow = write(
        "narrow.json",
        &allow(json!([
            "ec2:*",
            "eks:*",
            "elasticloadbalancing:*",
            "autoscaling:*",
            "iam:Get*"
        ])),
    );
    let region = write(
        "region.json",
        &json!({"Version": "2012-10-17", "Statement": [{
            "Sid": "OnlyIreland",
            "Effect": "Deny",
            "NotAction": ["iam:*", "sts:*"],
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
        }]}),
    );
    for (flag, file, layer, action, reason) in [
        (
            "--boundary",
            &narrow,
            "pb",
            "iam:CreateRole",
            "no-statement-names-the-action",
        ),
        (
            "--session",
            &narrow,
            "session",
            "iam:CreateRole",
            "no-statement-names-the-action",
        ),
        (
            "--scp",
            &narrow,
            "scp",
            "iam:CreateRole",
            "no-statement-names-the-action",
        ),
        (
            "--scp",
            &region,
            "scp",
            "ec2:CreateVpc",
            "explicitly-denied",
        ),
    ] {
        let (code, report) = check(Path::new(&policy), &[flag, file.to_str().unwrap()]);
        assert_eq!(code, 1, "{flag}");
        let all = report["requirements"].as_array().unwrap();
        let failed = all.iter().find(|it| it["action"] == action).unwrap();
        assert_eq!(failed["verdict"], "not-met", "{flag} {failed:#}");
        assert_eq!(failed["layer"], layer, "{flag} {failed:#}");
        assert_eq!(failed["reason"], reason, "{flag} {failed:#}");
    }
    // In the region of the guard everything is allowed again.
    let (code, _) = check(
        Path::new(&policy),
        &[
            "--scp",
            region.to_str().unwrap(),
            "--var",
            "region=eu-west-1",
        ],
    );
    assert_eq!(code, 0);
    // In one of two regions it is met in part.
    let (code, report) = check(
        Path::new(&policy),
        &[
            "--scp",
            region.to_str().unwrap(),
            "--var",
            "region=eu-west-1,eu-central-1",
        ],
    );
    assert_eq!(code, 1);
    let vpc = find(&report, "create-network", "ec2:CreateVpc");
    assert_eq!(vpc["verdict"], "partly-met");
    assert_eq!(vpc["calls"]["failing"], "region eu-central-1");
}

#[test]
fn a_condition_on_a_key_that_nobody_fixes_is_never_met() {
    let mut policy = mengi();
    policy["Statement"][0]["Condition"] = json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
    let (code, report) = check(&write("source-ip.json", &policy), &[]);
    assert_eq!(code, 3);
    let cluster = find(&report, "create-cluster", "eks:CreateCluster");
    assert_eq!(cluster["verdict"], "unknown");
    assert_eq!(cluster["unknown"], json!(["aws:SourceIp"]));
}

/// A guard over some members of a family: which request fails, where, and that the rest does not.
#[test]
fn a_family_that_is_allowed_in_part_shows_a_request_that_is_not() {
    let guard = write(
        "guard.json",
        &json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {
                "Sid": "Production",
                "Effect": "Deny",
                "Action": "*",
                "Resource": "arn:aws:iam::*:role/mengi-prod-*",
            },
        ]}),
    );
    let policy = root("policies/mengi/eks/policy.json");
    let guard = guard.to_str().unwrap();
    let (code, report) = check(Path::new(&policy), &["--scp", guard]);
    assert_eq!(code, 1);
    let role = find(&report, "create-cluster", "iam:CreateRole");
    assert_eq!(role["verdict"], "partly-met");
    assert_eq!(role["reason"], "explicitly-denied");
    assert_eq!(role["layer"], "scp");
    assert_eq!(role["nearest"]["sid"], "Production");
    assert_eq!(role["fix"], Value::Null);
    let example = &role["example"];
    assert_eq!(example["action"], "iam:CreateRole");
    let resource = example["resource"].as_str().unwrap();
    assert!(resource.contains(":role/mengi-prod-"), "{resource}");
    assert!(resource.ends_with("-cluster-role"), "{resource}");
    // What is about other things stays met.
    assert_eq!(
        find(&report, "create-network", "ec2:CreateVpc")["verdict"],
        "met"
    );
    let run = rolecall(&["check", "--for", "mengi/eks", &policy, "--scp", guard]);
    let said = format!("is allowed in part, not e.g. on `{resource}`: `Production` of the service");
    assert!(run.stdout.contains(&said), "{}", run.stdout);
}

#[test]
fn fixes_meet_what_they_are_for() {
    let mut policy = without("iam:CreatePolicy");
    policy["Statement"][0]["Resource"] = json!("arn:aws:eks:*:*:cluster/other-*");
    let (_, report) = check(&write("fixable.json", &policy), &[]);
    let mut statements = policy["Statement"].as_array().unwrap().clone();
    for requirement in report["requirements"].as_array().unwrap() {
        for addition in requirement["fix"].as_array().into_iter().flatten() {
            match addition["kind"].as_str().unwrap() {
                "add-statement" => statements.push(addition["statement"].clone()),
                _ => {
                    let at = usize::try_from(addition["statement"].as_u64().unwrap()).unwrap();
                    statements[at]["Action"]
                        .as_array_mut()
                        .unwrap()
                        .push(addition["action"].clone());
                }
            }
        }
    }
    policy["Statement"] = json!(statements);
    let (code, report) = check(&write("fixed.json", &policy), &[]);
    assert_eq!(code, 0, "{:#?}", unmet(&report));
    assert!(unmet(&report).is_empty());
}

#[test]
fn off_features_have_a_line_with_their_calls() {
    let (_, report) = check(Path::new(&root("policies/mengi/eks/policy.json")), &[]);
    let off = report["featuresOff"].as_array().unwrap();
    let queue = off
        .iter()
        .find(|it| it["name"] == "interruption-queue")
        .unwrap();
    assert_eq!(queue["requirements"], queue["unmet"]);
    let policy = root("policies/mengi/eks/policy.json");
    let (code, report) = check(Path::new(&policy), &["--feature", "interruption-queue"]);
    assert_eq!(code, 1);
    assert!(
        unmet(&report)
            .iter()
            .any(|(_, action)| action == "sqs:CreateQueue")
    );
    let (code, report) = check(Path::new(&policy), &["--feature", "no-irsa"]);
    assert_eq!(code, 0);
    assert!(
        !unmet(&report)
            .iter()
            .any(|(_, action)| action.contains("Thumbprint"))
    );
}

#[test]
fn bad_input_is_told_clearly() {
    let policy = root("policies/mengi/eks/policy.json");
    let trust = root("policies/streamnative/bootstrap/trust.json");
    for (arguments, code, said) in [
        (
            vec!["--for", "mengi/ekz", &policy],
            2,
            "did you mean `mengi/eks`",
        ),
        (
            vec!["--for", "mengi/eks", "no-such-file.json"],
            2,
            "no-such-file.json",
        ),
        (vec!["--for", "mengi/eks"], 2, "no policy was given"),
        (
            vec!["--for", "mengi/eks", &policy, "--var", "acount=1"],
            2,
            "did you mean `account`",
        ),
        (
            vec!["--for", "mengi/eks", &policy, "--var", "account=12"],
            2,
            "account",
        ),
        (
            vec!["--for", "mengi/eks", &policy, "--feature", "irsaa"],
            2,
            "did you mean `irsa`",
        ),
        (
            vec!["--for", "mengi/eks", &policy, "--phase", "teardwn"],
            2,
            "did you mean `teardown`",
        ),
        (
            vec!["--for", "mengi/eks", &policy, "--actor", "vendr"],
            2,
            "did you mean `vendor`",
        ),
        (
            vec!["--for", "mengi/eks", &policy, "--principal", "mengi"],
            2,
            "no ARN",
        ),
        (vec!["--for", "mengi/eks", &trust], 2, "trust"),
    ] {
        let mut all = vec!["check"];
        all.extend(arguments.iter().map(|it| &**it));
        let run = rolecall(&all);
        assert_eq!(
            run.code, code,
            "{arguments:?}: {}{}",
            run.stdout, run.stderr
        );
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
        assert!(run.stdout.is_empty(), "{arguments:?}: {}", run.stdout);
    }
}

#[test]
fn nothing_is_decided_on_what_was_not_read() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("check");
    std::fs::create_dir_all(&folder).unwrap();
    let broken = folder.join("broken.json");
    std::fs::write(&broken, "{\"Version\": \"2012-10-17\", \"Statement\": [").unwrap();
    let policy = root("policies/mengi/eks/policy.json");
    let run = rolecall(&[
        "check",
        "--for",
        "mengi/eks",
        &policy,
        broken.to_str().unwrap(),
    ]);
    assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("INCOMPLETE"), "{}", run.stdout);
    assert!(run.stdout.contains("broken.json:1:40"), "{}", run.stdout);
    // A document that AWS refuses decides nothing either.
    let twice = folder.join("twice.json");
    let text = std::fs::read_to_string(&policy).unwrap();
    let doubled = text.replacen(
        "\"Effect\": \"Allow\"",
        "\"Effect\": \"Allow\", \"Effect\": \"Deny\"",
        1,
    );
    std::fs::write(&twice, doubled).unwrap();
    let (code, report) = check(&twice, &[]);
    assert_eq!(code, 3);
    assert_eq!(report["summary"]["met"], 0);
    assert_eq!(report["findings"][0]["rule"], "duplicate-key");
}

/// "Enough" is a claim about documents that AWS accepts.
#[test]
fn a_document_that_aws_refuses_is_never_enough() {
    let mut policy = mengi();
    policy["Statement"][0]["Comment"] = json!("for Mengi");
    let (code, report) = check(&write("refused.json", &policy), &[]);
    assert_eq!(code, 3);
    assert_eq!(report["findings"][0]["rule"], "unknown-element");
    assert_eq!(report["summary"]["sufficient"], false);
    assert_eq!(report["summary"]["requiredNotMet"], 0);
}

#[test]
fn a_policy_with_comments_is_still_judged() {
    let text = std::fs::read_to_string(root("policies/mengi/eks/policy.json")).unwrap();
    let path = write("placeholder.json", &json!({}));
    let path = path.with_file_name("commented.json");
    std::fs::write(&path, format!("// for Mengi\n{text}")).unwrap();
    let (code, report) = check(&path, &[]);
    assert_eq!(code, 0);
    assert_eq!(report["findings"][0]["rule"], "comment-in-policy");
}

#[test]
fn the_report_reads_well() {
    let policy = write("report.json", &without("iam:CreatePolicy"));
    let run = rolecall(&[
        "check",
        "--for",
        "mengi/eks",
        policy.to_str().unwrap(),
        "--builtin-catalog",
    ]);
    let shown = run
        .stdout
        .replace(policy.parent().unwrap().to_str().unwrap(), "");
    // The catalog's date and hash change with the data.
    let shown: Vec<&str> = shown
        .lines()
        .filter(|line| !line.starts_with("catalog:"))
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

fn find<'a>(report: &'a Value, phase: &str, action: &str) -> &'a Value {
    let all = report["requirements"].as_array().unwrap();
    let found = all
        .iter()
        .find(|it| it["phase"] == phase && it["action"] == action);
    found.unwrap_or_else(|| panic!("no {action} in {phase}"))
}
