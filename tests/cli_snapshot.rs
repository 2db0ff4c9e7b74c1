//! `--snapshot FILE` from the outside: an account as text in, report and exit code out.
//!
//! The accounts are in `testdata/accounts`.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests read files and stop where something is missing"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use rolecall::store::snapshot::{SnapshotError, read, write};
use serde_json::Value;

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

fn account(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/accounts");
    folder.join(name).to_str().unwrap().to_owned()
}

fn text(name: &str) -> String {
    std::fs::read_to_string(account(name)).unwrap()
}

fn run(arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(arguments)
        .arg("--builtin-catalog")
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn check(name: &str, more: &[&str]) -> Ran {
    let file = account(name);
    let own = ["check", "--for", "mengi/eks", "--no-isolation"];
    let all = [&own[..], &["--snapshot", &file], more].concat();
    run(&all)
}

fn check_json(name: &str) -> (i32, Value) {
    let ran = check(name, &["--format", "json"]);
    (ran.code, ran.json())
}

/// The verdict of each requirement.
fn verdicts(report: &Value) -> BTreeMap<String, String> {
    let all = report["requirements"].as_array().unwrap().iter();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    all.map(|it| (text(&it["id"]), text(&it["verdict"])))
        .collect()
}

/// The actions of what is denied.
fn denied(report: &Value) -> Vec<(String, String)> {
    let all = report["requirements"].as_array().unwrap().iter();
    let denied = all.filter(|it| it["verdict"] == "not-met");
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let mut all: Vec<_> = denied
        .map(|it| (text(&it["action"]), text(&it["layer"])))
        .collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn a_snapshot_gives_the_verdicts_of_the_files() {
    let (code, replayed) = check_json("mengi.json");
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/mengi/eks/policy.json");
    let user = "arn:aws:iam::111122223333:user/mengi-vendor";
    let files = run(&[
        "check",
        "--for",
        "mengi/eks",
        "--no-isolation",
        policy.to_str().unwrap(),
        "--principal",
        user,
        "--var",
        "account=111122223333",
        "--format",
        "json",
    ]);
    assert_eq!(code, files.code, "{}", files.err);
    assert_eq!(verdicts(&replayed), verdicts(&files.json()));
    assert!(verdicts(&replayed).values().any(|it| it == "met"));
    assert_eq!(replayed["principal"]["arn"], user);
    assert_eq!(
        replayed["documents"][0]["file"],
        "arn:aws:iam::111122223333:policy/MengiEks"
    );
}

#[test]
fn reports_say_when_and_who() {
    let text = check("mengi.json", &[]).out;
    for part in ["2026-11-29T06:00:00Z", "user/admin", "user/mengi-vendor"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (_, json) = check_json("unread-scps.json");
    assert_eq!(json["snapshot"]["taken"], "2026-11-29T06:00:00Z");
    assert_eq!(
        json["snapshot"]["caller"],
        "arn:aws:iam::111122223333:user/admin"
    );
    assert_eq!(
        json["snapshot"]["unread"][0]["code"],
        "AccessDeniedException"
    );
}

#[test]
fn two_missing_actions_are_named() {
    let (code, report) = check_json("two-missing.json");
    assert_eq!(code, 1);
    let identity = |action: &str| (action.to_owned(), "identity".to_owned());
    let expected = [identity("eks:CreateCluster"), identity("eks:DeleteCluster")];
    assert_eq!(denied(&report), expected);
}

#[test]
fn boundary_and_service_control_policies_block() {
    let (code, report) = check_json("boundary.json");
    assert_eq!(code, 1);
    assert!(denied(&report).contains(&("ec2:CreateVpc".into(), "pb".into())));
    let (code, report) = check_json("scp.json");
    assert_eq!(code, 1);
    assert!(denied(&report).contains(&("eks:CreateCluster".into(), "scp".into())));
    let met = verdicts(&report).into_values().filter(|it| it == "met");
    assert!(met.count() > 10);
}

#[test]
fn no_full_aws_access_is_assumed_in_a_snapshot() {
    for name in ["scp-empty-level.json", "scp-without-full-access.json"] {
        let (code, report) = check_json(name);
        assert_eq!(code, 1, "{name}");
        // No policy can deny `sts:GetCallerIdentity` (AWS: "GetCallerIdentity").
        let all = report["requirements"].as_array().unwrap().iter();
        let met = all.filter(|it| it["verdict"] == "met");
        let met: Vec<&Value> = met.map(|it| &it["action"]).collect();
        let others = met.iter().filter(|it| **it != "sts:GetCallerIdentity");
        assert_eq!(others.count(), 0, "{name}: {met:?}");
    }
}

#[test]
fn what_was_not_read_leaves_nothing_met() {
    for name in ["unread-scps.json", "incomplete.json"] {
        let (code, report) = check_json(name);
        assert_eq!(code, 3, "{name}");
        assert!(verdicts(&report).values().all(|it| it != "met"), "{name}");
        assert_eq!(report["summary"]["sufficient"], false, "{name}");
    }
    let (_, report) = check_json("unread-scps.json");
    assert_eq!(report["requirements"][0]["layer"], "scp");
    assert_eq!(report["requirements"][0]["unknown"][0], "unread-scps");
    let text = check("incomplete.json", &[]).out;
    assert!(text.contains("iam:GetUserPolicy"), "{text}");
}

fn simulate(name: &str, more: &[&str]) -> Ran {
    let file = account(name);
    run(&[&["simulate", "--snapshot", &file], more].concat())
}

#[test]
fn one_request_of_a_session_is_decided_with_its_roles_policies() {
    let session = "arn:aws:sts::111122223333:assumed-role/reader/me";
    let ask = |object: &str| {
        let own = ["--principal", session, "--context-complete"];
        let of = ["--action", "s3:GetObject", "--resource", object];
        let account = ["--resource-account", "111122223333"];
        simulate("two-principals.json", &[&own[..], &of, &account].concat())
    };
    let open = ask("arn:aws:s3:::data/open");
    assert_eq!(open.code, 0, "{}{}", open.out, open.err);
    assert_eq!(ask("arn:aws:s3:::data/secret").code, 1);
    assert_eq!(ask("arn:aws:s3:::other/open").code, 1);
}

#[test]
fn a_request_is_unknown_where_organization_policies_were_not_read() {
    let of = ["--action", "eks:ListClusters", "--context-complete"];
    assert_eq!(simulate("mengi.json", &of).code, 0);
    let unknown = simulate("unread-scps.json", &of);
    assert_eq!(unknown.code, 3, "{}", unknown.out);
    assert!(
        unknown
            .out
            .contains("organization's policies could not be read"),
        "{}",
        unknown.out
    );
}

#[test]
fn access_and_isolation_take_a_snapshot() {
    let access = |name: &str, goal: &str| {
        let file = account(name);
        let own = ["access", "--snapshot", &file, goal];
        run(&[&own[..], &["--actions", "eks:ListClusters"]].concat()).code
    };
    assert_eq!(access("mengi.json", "--must"), 0);
    assert_eq!(access("unread-scps.json", "--must"), 3);
    assert_eq!(access("unread-scps.json", "--must-not"), 3);
    let file = account("mengi.json");
    let ran = run(&["isolation", "--snapshot", &file, "--format", "json"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(ran.json()["snapshot"]["account"], "111122223333");
    let file = account("incomplete.json");
    assert_eq!(run(&["isolation", "--snapshot", &file]).code, 3);
}

#[test]
fn fixing_a_snapshot_shows_a_patch_and_writes_nothing() {
    let before = text("two-missing.json");
    let file = account("two-missing.json");
    let ran = run(&["fix", "--for", "mengi/eks", "--snapshot", &file]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("+"), "{}", ran.out);
    assert!(ran.out.contains("eks:CreateCluster"), "{}", ran.out);
    assert!(ran.err.contains("2026-11-29T06:00:00Z"), "{}", ran.err);
    assert_eq!(text("two-missing.json"), before);
    assert!(!PathBuf::from("arn:aws:iam::111122223333:policy/MengiEks").exists());
}

#[test]
fn whose_policies_has_to_be_clear() {
    let several = check("two-principals.json", &[]);
    assert_eq!(several.code, 2);
    assert!(several.err.contains("role/team/reader"), "{}", several.err);
    let nobody = check("mengi.json", &["--principal", "arn:aws:iam::1:user/none"]);
    assert_eq!(nobody.code, 2);
    assert!(nobody.err.contains("holds nothing of"), "{}", nobody.err);
    let second = account("mengi.json");
    let second = check("boundary.json", &["--boundary", &second]);
    assert_eq!(second.code, 2);
}

#[test]
fn what_is_no_snapshot_is_refused_with_its_place() {
    let refused = |text: &str| read("a.json", text).unwrap_err().to_string();
    let good = text("mengi.json");
    let cut = refused(&good[..good.len() / 2]);
    assert!(
        cut.starts_with("`a.json:") && cut.contains("is not JSON"),
        "{cut}"
    );
    let newer = refused(&good.replace("snapshot/v1", "snapshot/v2"));
    assert!(
        newer.contains("a.json:2:14") && newer.contains("v2"),
        "{newer}"
    );
    assert!(refused("{\"schema\": \"rolecall/check/v1\"}").contains("it is `rolecall/check/v1`"));
    assert!(refused("[]").contains("is not a snapshot"));
    assert!(refused("{\"Statement\": []}").contains("a policy document"));
    assert!(refused("{\"PolicyDocument\": {}}").contains("AWS CLI"));
    let missing = refused(&good.replace("\"complete\": true,", ""));
    assert!(missing.contains("has no `complete`"), "{missing}");
    let wrong = read(
        "a.json",
        &good.replace("\"complete\": true", "\"complete\": 1"),
    );
    assert!(matches!(wrong, Err(SnapshotError::WrongType { .. })));
    let binary = run(&["isolation", "--snapshot", &account("../policies/README.md")]);
    assert_eq!(binary.code, 2);
}

#[test]
fn a_snapshot_is_read_and_written_without_loss() {
    let folder = account("");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let snapshot = read("a.json", &text).unwrap();
        let written = write(&snapshot);
        assert_eq!(read("a.json", &written).unwrap(), snapshot);
        assert_eq!(written, text, "{}", path.display());
    }
}

#[test]
fn fields_of_later_versions_are_no_error() {
    let later = text("mengi.json").replacen('{', "{\"added\": [1],", 1);
    assert_eq!(
        read("a", &later).unwrap(),
        read("a", &text("mengi.json")).unwrap()
    );
}

#[test]
fn no_command_passes_over_a_snapshot_in_silence() {
    let file = account("mengi.json");
    let refused: [&[&str]; 1] = [&["profile", "diff", "mengi/eks", "mengi/eks"]];
    for command in refused {
        let ran = run(&[command, &["--snapshot", &file]].concat());
        assert_eq!(ran.code, 2, "{command:?}");
        assert!(ran.err.contains("help: "), "{}", ran.err);
    }
}

#[test]
fn a_denial_is_explained_by_the_snapshot_of_its_caller() {
    let denial = |user: &str| {
        format!(
            "User: arn:aws:iam::111122223333:user/{user} is not authorized to perform: eks:CreateCluster on resource: arn:aws:eks:eu-central-1:111122223333:cluster/mengi-demo"
        )
    };
    let why = |name: &str, user: &str| {
        let text = denial(user);
        run(&["why", &text, "--snapshot", &account(name)])
    };
    let limited = why("scp.json", "mengi-vendor");
    assert_eq!(limited.code, 0, "{}{}", limited.out, limited.err);
    assert!(
        limited.out.contains("service control policy"),
        "{}",
        limited.out
    );
    assert!(
        !limited.out.contains("add to an identity policy"),
        "{}",
        limited.out
    );
    let lacking = why("two-missing.json", "mengi-vendor");
    assert_eq!(lacking.code, 0, "{}{}", lacking.out, lacking.err);
    assert!(
        lacking.out.contains("\"Action\": \"eks:CreateCluster\""),
        "{}",
        lacking.out
    );
    // What was not read explains nothing.
    let open = why("incomplete.json", "mengi-vendor");
    assert_eq!(open.code, 3, "{}{}", open.out, open.err);
    assert!(
        open.out
            .contains("does not hold every policy of the caller"),
        "{}",
        open.out
    );
    let stranger = why("mengi.json", "somebody");
    assert_eq!(stranger.code, 2);
    assert!(
        stranger.err.contains("holds nothing of"),
        "{}",
        stranger.err
    );
}
