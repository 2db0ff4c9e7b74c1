//! `rolecall bootstrap` from the outside, without AWS: what a plan shows, what may not be made, and
//! what is written for those who apply it by other means.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests write their input and stop where something is missing"
)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use rolecall::plan::{Found, What};
use rolecall::store::plan::read;
use serde_json::Value;

const PROFILE: &str = include_str!("generate/backups.toml");

const ALLOW_ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"}]}"#;

const DENY_WRITES: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"NoWrites","Effect":"Deny","Action":"s3:PutObject","Resource":"*"}]}"#;

/// An empty folder of a test's own, with the profile in it.
struct Folder(PathBuf);

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("bootstrap")
            .join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let folder = Self(folder);
        folder.put("backups.toml", PROFILE);
        folder.put("allow.json", ALLOW_ALL);
        folder
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn run(&self, words: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_rolecall"))
            .current_dir(&self.0)
            .args(["bootstrap", "plan", "--builtin-catalog", "--offline"])
            .args(words)
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Plans the small profile.
    fn plan(&self, words: &[&str]) -> Ran {
        let own = [
            "--for",
            "backups.toml",
            "--var",
            "bucket=example-backups",
            "--var",
            "external-id=o-example-1",
        ];
        self.run(&[&own[..], words].concat())
    }
}

const ACCOUNT: [&str; 2] = ["--account", "123456789012"];

/// In an account without limits.
const FREE: [&str; 4] = ["--account", "123456789012", "--scp", "allow.json"];

#[test]
fn a_plan_shows_every_document_with_its_reasons() {
    let folder = Folder::new("shown");
    let ran = folder.plan(&FREE);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    insta::assert_snapshot!(ran.out);
}

#[test]
fn the_plan_of_mengi() {
    let folder = Folder::new("mengi");
    let words = ["--for", "mengi/eks", "--no-documents", "--out", "plan.json"];
    let ran = folder.run(&[&words[..], &FREE].concat());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    insta::assert_snapshot!(ran.out);
    // What is written is what was shown, with every final document.
    let plan = read("plan.json", &folder.text("plan.json")).unwrap();
    let documents = plan.objects.iter().filter_map(|it| it.what.document());
    assert_eq!(documents.count(), 7);
    assert!(plan.objects.iter().all(|it| it.found == Found::NotLooked));
    let owned = |tags: &[(String, String)]| {
        tags.contains(&("rolecall:installation".to_owned(), "mengi-eks".to_owned()))
    };
    for object in &plan.objects {
        match &object.what {
            What::Policy(it) => assert!(owned(&it.tags), "{}", object.key),
            What::User(it) => assert!(owned(&it.tags) && it.boundary.is_some()),
            _ => {}
        }
    }
    assert!(plan.gate.passes());
}

#[test]
fn the_plan_of_streamnative_has_two_roles_and_a_weakness_that_somebody_has_to_accept() {
    let folder = Folder::new("streamnative");
    let words = [
        "--for",
        "streamnative/bootstrap",
        "--for",
        "streamnative/management",
        "--var",
        "external-id=o-abcde",
        "--var",
        "region=eu-central-1",
        "--installation",
        "streamnative",
        "--no-documents",
        "--accept",
        "W18",
        "--reason",
        "our certificates and keys lie in another account",
        "--out",
        "plan.json",
    ];
    let ran = folder.run(&[&words[..], &FREE].concat());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    insta::assert_snapshot!(ran.out);
    let plan = read("plan.json", &folder.text("plan.json")).unwrap();
    let accepted = [(
        "W18".to_owned(),
        "our certificates and keys lie in another account".to_owned(),
    )];
    assert_eq!(plan.gate.accepted, accepted);
    assert!(plan.gate.weaknesses.iter().all(|(class, _)| class == "W18"));
    let mut gate = plan.gate;
    gate.accepted.clear();
    assert!(gate.refuses());
}

#[test]
fn limits_that_nobody_read_leave_the_answer_open() {
    let folder = Folder::new("unread");
    let ran = folder.plan(&ACCOUNT);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(ran.out.contains("UNKNOWN: `rolecall bootstrap apply`"));
    assert!(ran.out.contains("--accept unread-scps --reason TEXT"));
    let accepted = ["--accept", "unread-scps", "--reason", "no organization"];
    let ran = folder.plan(&[&ACCOUNT[..], &accepted].concat());
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("unread-scps, accepted: no organization"));
}

#[test]
fn what_a_service_control_policy_takes_away_is_not_met_and_cannot_be_accepted() {
    let folder = Folder::new("scp");
    folder.put("deny.json", DENY_WRITES);
    let words = ["--account", "123456789012", "--scp", "deny.json"];
    let ran = folder.plan(&words);
    assert_eq!(ran.code, 1, "{}", ran.out);
    let gate = ran.out.split("MAY IT BE MADE?").nth(1).unwrap();
    assert!(gate.contains("(s3:PutObject) is not-met"), "{gate}");
    let accept = ["--accept", "not-met", "--reason", "why not"];
    let ran = folder.plan(&[&words[..], &accept].concat());
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("the plan has no such weakness"),
        "{}",
        ran.err
    );
}

/// The vendor's own document, as it publishes it.
fn documented(folder: &Folder, words: &[&str]) -> Ran {
    let policy = include_str!("../policies/mengi/eks/policy.json");
    folder.put("mengi-cloud-byoc-eks.json", policy);
    let own = [
        "--for",
        "mengi/eks",
        "--policy",
        "mengi-cloud-byoc-eks.json",
        "--no-boundary",
        "--no-documents",
    ];
    folder.run(&[&own[..], &FREE, words].concat())
}

#[test]
fn the_policy_that_the_vendor_documents_is_refused_until_each_class_is_accepted() {
    let folder = Folder::new("documented");
    let ran = documented(&folder, &["--out", "plan.json"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
    insta::assert_snapshot!(ran.out);
    let plan = read("plan.json", &folder.text("plan.json")).unwrap();
    assert!(plan.gate.refuses() && plan.gate.unmet.is_empty());
    let mut classes: Vec<&str> = Vec::new();
    for (class, _) in &plan.gate.weaknesses {
        if !classes.contains(&class.as_str()) {
            classes.push(class);
        }
    }
    assert!(classes.len() > 5);
    let accepted = |classes: &[&str]| -> Vec<String> {
        let own = classes
            .iter()
            .flat_map(|it| ["--accept", it, "--reason", "ours"]);
        own.map(str::to_owned).collect()
    };
    // All but one are not enough.
    let words = accepted(&classes[1..]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(documented(&folder, &words).code, 1);
    let words = accepted(&classes);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ran = documented(&folder, &words);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("isolated  NO"), "accepted is not hidden");
}

#[test]
fn a_member_account_stands_first_with_its_administrator_role() {
    let folder = Folder::new("member");
    let words = [
        "--member-account",
        "vendor",
        "--email",
        "aws+vendor@example.com",
        "--scp",
        "allow.json",
        "--out",
        "plan.json",
        "--no-documents",
    ];
    let ran = folder.plan(&words);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.contains("`OrganizationAccountAccessRole`"));
    assert!(ran.out.contains("`AdministratorAccess`"));
    let plan = read("plan.json", &folder.text("plan.json")).unwrap();
    assert_eq!(plan.account, None);
    assert!(matches!(&plan.objects[0].what, What::Account(it) if it.id.is_none()));
    let text = rolecall::store::plan::write(&plan.in_account("999988887777"));
    assert!(!text.contains("000000000000") && text.contains("999988887777"));
}

#[test]
fn json_is_the_plan_itself() {
    let folder = Folder::new("json");
    let ran = folder.plan(&[&FREE[..], &["--format", "json", "--out", "plan.json"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.out, folder.text("plan.json"));
    let value: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(value["schema"], "rolecall/plan/v1");
    assert_eq!(value["gate"]["passes"], true);
    // Nothing in it depends on when or where it was made.
    assert_eq!(
        folder
            .plan(&[&FREE[..], &["--format", "json"]].concat())
            .out,
        ran.out
    );
}

fn emit<'a>(format: &'a str, folder: &'a str) -> Vec<&'a str> {
    [&FREE[..], &["--emit", format, "--emit-to", folder]].concat()
}

#[test]
fn what_is_emitted_carries_the_ownership_tag() {
    let folder = Folder::new("emitted");
    for (format, file, tag) in [
        ("terraform", "main.tf", "\"rolecall:installation\""),
        ("cloudformation", "template.yaml", "rolecall:installation"),
        ("cli", "create.sh", "rolecall:installation"),
    ] {
        let ran = folder.plan(&emit(format, format));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
        let note = format!("emitted to {format}: ");
        assert!(ran.out.contains(&note), "{}", ran.out);
        let names = std::fs::read_dir(folder.0.join(format)).unwrap();
        let names: Vec<String> = names
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect();
        let text: String = names
            .iter()
            .map(|it| folder.text(&format!("{format}/{it}")))
            .collect();
        assert!(text.contains(tag), "{file} of {names:?}");
    }
    let script = folder.text("cli/create.sh");
    let policies = script.matches("aws iam create-policy").count();
    let roles = script.matches("aws iam create-role").count();
    assert_eq!(
        script.matches("rolecall:installation").count(),
        policies + roles
    );
    assert!(script.contains("umask 077"));
}

#[test]
fn nothing_is_emitted_that_may_not_be_made() {
    let folder = Folder::new("not-emitted");
    let words = [&ACCOUNT[..], &["--emit", "cli", "--emit-to", "out"]].concat();
    let ran = folder.plan(&words);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.out.contains("nothing was emitted"));
    assert!(!folder.0.join("out").exists());
}

#[test]
fn wrong_use_is_named_with_what_to_do() {
    let folder = Folder::new("wrong");
    folder.put("old.json", &ALLOW_ALL.replace("2012", "2008"));
    folder.put("comment.json", &format!("// mine\n{ALLOW_ALL}"));
    let free = |words: &[&'static str]| [&FREE[..], words].concat();
    let cases: Vec<(Vec<&str>, &str)> = vec![
        (vec![], "`--account ID`"),
        (vec!["--account", "12345"], "twelve digits"),
        (vec!["--account", "000000000000"], "twelve digits"),
        (
            free(&["--var", "account=111122223333"]),
            "write `--account ID`",
        ),
        (free(&["--accept", "W5"]), "needs one of its own"),
        (
            free(&["--accept", "W5", "--reason", "x"]),
            "nothing in this plan has to be accepted",
        ),
        (free(&["--installation", "a b"]), "letters, digits"),
        (free(&["--member-account", "vendor"]), "--email"),
        (
            free(&["--member-account", "vendor", "--email", "vendor"]),
            "write an e-mail address",
        ),
        (
            free(&["--member-account", "v", "--email", "v@example.com"]),
            "a new account gets its id from AWS",
        ),
        (
            free(&["--policy", "old.json"]),
            "\"Version\": \"2012-10-17\"",
        ),
        (free(&["--policy", "comment.json"]), "no strict JSON"),
        (free(&["--policy", "missing.json"]), "there is no file"),
        (free(&["--var", "buckets=x"]), "buckets"),
        (free(&["--emit", "cli"]), "--emit-to"),
    ];
    for (words, expected) in cases {
        let ran = folder.plan(&words);
        assert_eq!(ran.code, 2, "{words:?}: {}", ran.out);
        assert!(ran.err.contains(expected), "{words:?}: {}", ran.err);
    }
    let own = ["--for", "backups.toml", "--var", "bucket=example-backups"];
    let ran = folder.run(&[&own[..], &FREE].concat());
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--var external-id=…"), "{}", ran.err);
}

#[cfg(not(feature = "aws"))]
#[test]
fn without_aws_a_plan_says_how_to_go_on() {
    let folder = Folder::new("without");
    for words in [
        vec!["plan", "--for", "mengi/eks"],
        vec!["status", "--plan", "plan.json"],
    ] {
        let ran = folder.plan(&[&FREE[..], &["--out", "plan.json"]].concat());
        assert_eq!(ran.code, 0);
        let output = Command::new(env!("CARGO_BIN_EXE_rolecall"))
            .current_dir(&folder.0)
            .arg("bootstrap")
            .args(words)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(err.contains("--features aws"), "{err}");
    }
}
