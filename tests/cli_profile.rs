//! `rolecall profile` from the outside: evidence, profiles and policies in, files, reports and exit
//! codes out. `BLESS=1` rewrites what is expected of `testdata/evidence`.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test reads and writes its files and stops where something is missing"
)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use rolecall::evidence::{self, Options};
use rolecall::profile::Profile;
use serde_json::Value;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A folder of one test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("profile")
        .join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

fn rolecall(at: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    let output = command
        .current_dir(at)
        .arg("profile")
        .args(arguments)
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

#[track_caller]
fn assert_is(path: &Path, found: &str) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, found).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, expected, "{}", path.display());
}

const INPUTS: [&str; 4] = ["calls.txt", "trail.json", "lines.jsonl", "errors.log"];

#[test]
fn evidence_becomes_the_expected_profile_and_report() {
    let home = root("testdata/evidence");
    for input in INPUTS {
        for (suffix, more) in [("", None), (".generalised", Some("--generalise"))] {
            let mut arguments = vec!["new", "--from-calls", input, "--title", "Example"];
            arguments.extend(more);
            let run = rolecall(&home, &arguments);
            assert_eq!(run.code, 3, "{input}: {}", run.stderr);
            assert_is(&home.join(format!("{input}{suffix}.toml")), &run.stdout);
            let report = home.join(format!("{input}{suffix}.report.txt"));
            assert_is(&report, &run.stderr);
            let parsed = Profile::parse("profile.toml", &run.stdout);
            assert!(parsed.is_ok(), "{input}: {parsed:#?}");
        }
    }
}

#[test]
fn secrets_of_records_stay_behind() {
    let home = root("testdata/evidence");
    for input in INPUTS {
        let text = std::fs::read_to_string(home.join(input)).unwrap();
        let secrets = [
            "ASIAEXAMPLESECRET",
            "AKIAEXAMPLESECRET",
            "SECRETTOKEN",
            "AbCdEf-0123456789_zyxw",
        ];
        let secrets = secrets.iter().filter(|it| text.contains(**it));
        for format in ["text", "json"] {
            let run = rolecall(&home, &["new", "--from-calls", input, "--format", format]);
            for secret in secrets.clone().chain(&["203.0.113.7", "HashiCorp"]) {
                assert!(!run.stdout.contains(secret), "{input}: {secret}");
                assert!(!run.stderr.contains(secret), "{input}: {secret}");
            }
        }
    }
}

#[test]
fn one_function_makes_a_profile_of_texts() {
    let list = b"s3:GetObject arn:aws:s3:::bucket/key\nnothing\n";
    let texts: [(&str, &[u8]); 1] = [("list.txt", list)];
    let (profile, text, unread) = evidence::profile("p", &texts, &Options::default()).unwrap();
    assert_eq!(profile.requirements.len(), 1);
    assert_eq!(profile.requirements[0].evidence, ["list.txt, line 1"]);
    assert!(text.contains("arn:{partition}:s3:::bucket/key"));
    assert_eq!(unread.len(), 1);
    assert_eq!(unread[0].place.line, 2);
}

#[test]
fn the_calls_of_one_caller_can_be_taken() {
    let home = root("testdata/evidence");
    let run = rolecall(
        &home,
        &[
            "new",
            "--from-calls",
            "trail.json",
            "--principal",
            "operator",
        ],
    );
    let profile = Profile::parse("p", &run.stdout).unwrap();
    let actions: Vec<&str> = profile
        .requirements
        .iter()
        .map(|it| it.action.as_str())
        .collect();
    assert_eq!(actions, ["cloudwatch:DescribeAlarms"]);
    let run = rolecall(
        &home,
        &["new", "--from-calls", "trail.json", "--principal", "nobody"],
    );
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("is of `nobody`"), "{}", run.stderr);
}

#[test]
fn files_are_whole_and_not_replaced_unasked() {
    let home = folder("files");
    std::fs::write(
        home.join("calls.txt"),
        "ec2:DescribeVpcs region=eu-central-1\n",
    )
    .unwrap();
    let arguments = ["new", "--from-calls", "calls.txt", "--out", "profile.toml"];
    let run = rolecall(&home, &arguments);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(
        run.stdout
            .starts_with("profile.toml: 1 requirement from 1 call\n"),
        "{}",
        run.stdout
    );
    let first = std::fs::read_to_string(home.join("profile.toml")).unwrap();
    let run = rolecall(&home, &arguments);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("is there already"), "{}", run.stderr);
    let mut forced = arguments.to_vec();
    forced.push("--force");
    assert_eq!(rolecall(&home, &forced).code, 0);
    assert_eq!(
        std::fs::read_to_string(home.join("profile.toml")).unwrap(),
        first
    );
    let names: Vec<_> = std::fs::read_dir(&home)
        .unwrap()
        .map(|it| it.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let run = rolecall(&home, &["new", "--from-calls", "missing.txt"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("missing.txt"));
    std::fs::write(home.join("empty.txt"), "# nothing\n").unwrap();
    let run = rolecall(&home, &["new", "--from-calls", "empty.txt"]);
    assert_eq!(
        (run.code, run.stderr.trim()),
        (2, "error: no calls were found")
    );
}

/// A small profile with comments and a layout of its own.
const OWN: &str = r#"# Our profile.
schema = 1
title = "Ours"     # a comment
summary = "One bucket"
default-actor = "vendor"

[source]
document = "our guide"

[evidence]
guide = "Our guide"

[variables.account]
type = "account-id"
default = "111122223333"
description = "the account"

[variables.partition]
type = "partition"
default = "aws"
description = "the partition"

[actors.vendor]
kind = "role-session"
principal = "arn:{partition}:sts::{account}:assumed-role/vendor/session"
title = "the vendor"

[[phases]]
name   = "run"
title  = "Run"

[objects.backup]
type = "s3:object"
arn = "arn:{partition}:s3:::backups/*"
account = "{account}"

# What it is all about.
[[requirements]]
id = "write-backup"
phase = "run"
action = "s3:PutObject"
resources = ["backup"]
why = "writes a backup"
breaks = "no backups"
evidence = ["guide"]

[[must-not]]
id = "delete-the-special-role"
title = "delete the special role"
class = "W14"
actions = ["iam:DeleteRole"]
resources = ["arn:{partition}:iam::{account}:role/special"]
why = "it is not the vendor's"
evidence = ["guide"]
"#;

/// The lines that were added; all others must be there as they were.
#[track_caller]
fn added_lines(before: &str, after: &str) -> Vec<String> {
    let mut rest = before.lines().peekable();
    let mut added = Vec::new();
    for line in after.lines() {
        match rest.peek() {
            Some(old) if *old == line => drop(rest.next()),
            _ => added.push(line.to_owned()),
        }
    }
    assert_eq!(rest.next(), None, "{after}");
    added
}

#[test]
fn a_profile_is_extended_by_what_it_lacks() {
    let home = folder("extend");
    std::fs::write(home.join("profile.toml"), OWN).unwrap();
    let calls = "s3:PutObject arn:aws:s3:::backups/today\n\
                 s3:GetObject arn:aws:s3:::backups/*\n\
                 ec2:DescribeVpcs\n";
    std::fs::write(home.join("calls.txt"), calls).unwrap();
    let extend = [
        "new",
        "--from-calls",
        "calls.txt",
        "--extend",
        "profile.toml",
    ];
    let run = rolecall(&home, &extend);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        run.stdout,
        "profile.toml: 2 requirements from 3 calls, 1 of which it required already\n"
    );
    let after = std::fs::read_to_string(home.join("profile.toml")).unwrap();
    let added = added_lines(OWN, &after);
    // The object that is there is used again.
    assert!(
        added.contains(&"resources = [\"backup\"]".to_owned()),
        "{added:#?}"
    );
    assert!(
        !added.iter().any(|it| it.starts_with("[objects")),
        "{added:#?}"
    );
    assert!(Profile::parse("p", &after).is_ok());
    let run = rolecall(&home, &extend);
    assert!(
        run.stdout.starts_with("profile.toml: 0 requirements"),
        "{}",
        run.stdout
    );
    assert_eq!(
        std::fs::read_to_string(home.join("profile.toml")).unwrap(),
        after
    );
    let run = rolecall(
        &home,
        &["new", "--from-calls", "calls.txt", "--extend", "mengi/eks"],
    );
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("is built in"), "{}", run.stderr);
}

#[test]
fn a_requirement_is_added_between_comments() {
    let home = folder("add");
    std::fs::write(home.join("profile.toml"), OWN).unwrap();
    let run = rolecall(
        &home,
        &[
            "add",
            "profile.toml",
            "s3:DeleteObject",
            "--resource",
            "backup",
            "--phase",
            "clean-up",
            "--why",
            "removes old backups",
            "--evidence",
            "guide",
        ],
    );
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(run.stdout, "profile.toml: added `delete-object`\n");
    let after = std::fs::read_to_string(home.join("profile.toml")).unwrap();
    let added = added_lines(OWN, &after);
    for line in [
        "name = \"clean-up\"",
        "id = \"delete-object\"",
        "action = \"s3:DeleteObject\"",
        "why = \"removes old backups\"",
        "evidence = [\"guide\"]",
    ] {
        assert!(added.contains(&line.to_owned()), "{line}: {added:#?}");
    }
    let profile = Profile::parse("p", &after).unwrap();
    assert_eq!(profile.requirements.len(), 2);
}

#[test]
fn what_cannot_be_added_leaves_the_file_alone() {
    let home = folder("refuse");
    std::fs::write(home.join("profile.toml"), OWN).unwrap();
    for (arguments, message) in [
        (&["s3:DeleteObjekt"][..], "did you mean `s3:DeleteObject`?"),
        (&["s3:DeleteObject"], "`--resource backup`"),
        (
            &["s3:DeleteObject", "--resource", "bakup"],
            "unknown object `bakup`",
        ),
        (
            &["s3:DeleteObject", "--resource", "arn:aws:s3:::b"],
            "is not checked on `arn:aws:s3:::b`",
        ),
        (
            &[
                "s3:DeleteObject",
                "--resource",
                "backup",
                "--id",
                "write-backup",
            ],
            "already",
        ),
        (
            &["s3:DeleteObject", "--resource", "backup", "--feature", "x"],
            "unknown feature `x`",
        ),
    ] {
        let mut all = vec!["add", "profile.toml"];
        all.extend(arguments);
        let run = rolecall(&home, &all);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(
            run.stderr.contains(message),
            "{arguments:?}: {}",
            run.stderr
        );
        assert_eq!(
            std::fs::read_to_string(home.join("profile.toml")).unwrap(),
            OWN
        );
    }
}

#[test]
fn shipped_profiles_pass_their_test() {
    for name in [
        "mengi/eks",
        "streamnative/bootstrap",
        "streamnative/management",
    ] {
        let run = rolecall(
            &root(""),
            &["test", name, "--builtin-catalog", "--format", "json"],
        );
        let report = json(&run);
        assert_eq!(report["schema"], "rolecall/profile-test/v1");
        assert_eq!(report["contradictions"], serde_json::json!([]), "{name}");
        assert_eq!(
            (run.code, &report["verdict"]),
            (0, &"passes".into()),
            "{name}"
        );
        assert_ne!(report["documents"], serde_json::json!([]));
    }
}

#[test]
fn a_requirement_that_a_must_not_forbids_is_named_with_both_sides() {
    let home = folder("contradiction");
    let text = OWN.replace(
        "\n[[must-not]]",
        "\n[objects.role]\ntype = \"iam:role\"\narn = \"arn:{partition}:iam::{account}:role/*\"\n\n\
         [objects.spare]\ntype = \"iam:role\"\narn = \"arn:{partition}:iam::{account}:role/a\"\n\n\
         [[requirements]]\nid = \"delete-role\"\nphase = \"run\"\naction = \"iam:DeleteRole\"\n\
         resources = [\"role\"]\nwhy = \"x\"\nbreaks = \"x\"\nevidence = [\"guide\"]\n\n[[must-not]]",
    );
    std::fs::write(home.join("profile.toml"), &text).unwrap();
    let run = rolecall(&home, &["test", "profile.toml"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    for part in [
        "FAIL  `delete-role` (line ",
        "the must-not `delete-the-special-role` (line ",
        "`iam:DeleteRole` on `arn:aws:iam::111122223333:role/special`",
        "warn  the object `spare` is not used (line ",
        "\nFAILS\n",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    // Narrowed past the must-not, nothing contradicts.
    let narrowed = text.replace("role/*", "role/app-*");
    std::fs::write(home.join("profile.toml"), narrowed).unwrap();
    let run = rolecall(&home, &["test", "profile.toml"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(
        run.stdout.contains("no requirement is forbidden"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_test_reports_errors_and_documents_that_are_not_enough() {
    let home = folder("test");
    std::fs::write(
        home.join("profile.toml"),
        OWN.replace("s3:PutObject", "s3:PutObjekt"),
    )
    .unwrap();
    let run = rolecall(&home, &["test", "."]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout
            .contains("profile.toml:41:10: unknown action `s3:PutObjekt`"),
        "{}",
        run.stdout
    );
    let listed = format!(
        "{OWN}\n[[documents]]\nfile = \"policy.json\"\nkind = \"identity\"\ntitle = \"the policy\"\n"
    );
    std::fs::write(home.join("profile.toml"), listed).unwrap();
    let run = rolecall(&home, &["test", "."]);
    assert_eq!(run.code, 2, "the document is missing: {}", run.stdout);
    let policy = |action: &str| {
        format!(
            "{{\"Version\": \"2012-10-17\", \"Statement\": [{{\"Effect\": \"Allow\", \
             \"Action\": \"{action}\", \"Resource\": \"arn:aws:s3:::backups/*\"}}]}}"
        )
    };
    std::fs::write(home.join("policy.json"), policy("s3:GetObject")).unwrap();
    let run = rolecall(&home, &["test", "."]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.contains("FAIL  policy.json: 0 of 1"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("unmet-requirement"), "{}", run.stdout);
    std::fs::write(home.join("policy.json"), policy("s3:PutObject")).unwrap();
    let run = rolecall(&home, &["test", "."]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    std::fs::write(home.join("policy.json"), "{").unwrap();
    let run = rolecall(&home, &["test", ".", "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    assert_eq!(json(&run)["documents"][0]["refused"], true);
}

#[test]
fn differences_are_told_in_words() {
    let home = folder("diff");
    std::fs::write(home.join("old.toml"), OWN).unwrap();
    let new = OWN
        .replace("s3:::backups/*", "s3:::backups/daily/*")
        .replace("resources = [\"backup\"]", "resources = [\"backup\"]\nstrength = \"recommended\"")
        .replace("delete-the-special-role", "delete-any-role")
        .replace("\n[actors.vendor]", "\n[variables.bucket]\ntype = \"text\"\ndefault = \"b\"\ndescription = \"a bucket\"\n\n[actors.vendor]");
    std::fs::write(home.join("new.toml"), new).unwrap();
    let run = rolecall(&home, &["diff", "old.toml", "new.toml"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let expected = "old.toml -> new.toml

Requirements
  ~ write-backup: s3:PutObject on backup
      strength: `required` -> `recommended`

Must-nots
  + delete-any-role: delete the special role
  - delete-the-special-role: delete the special role

Variables
  + bucket: a bucket

Objects
  ~ backup: arn:{partition}:s3:::backups/daily/*
      arn: `arn:{partition}:s3:::backups/*` -> `arn:{partition}:s3:::backups/daily/*`
";
    assert_eq!(run.stdout, expected);
    let run = rolecall(&home, &["diff", "old.toml", "old.toml"]);
    assert!(run.stdout.contains("no difference"), "{}", run.stdout);
}

#[test]
fn installed_policies_that_a_new_version_breaks_are_told_with_what_to_add() {
    let home = folder("upgrade");
    std::fs::write(home.join("old.toml"), OWN).unwrap();
    let more = "\n[[requirements]]\nid = \"read-backup\"\nphase = \"run\"\naction = \"s3:GetObject\"\n\
                resources = [\"backup\"]\nwhy = \"x\"\nbreaks = \"no restore\"\nevidence = [\"guide\"]\n";
    let new = OWN.replace("s3:::backups/*", "s3:::archive/*") + more;
    std::fs::write(home.join("new.toml"), new).unwrap();
    let policy = |resource: &str, actions: &str| {
        format!(
            "{{\"Version\": \"2012-10-17\", \"Statement\": [{{\"Effect\": \"Allow\", \
             \"Action\": [{actions}], \"Resource\": \"arn:aws:s3:::{resource}/*\"}}]}}"
        )
    };
    let file = home.join("policy.json");
    std::fs::write(&file, policy("backups", "\"s3:PutObject\"")).unwrap();
    let arguments = [
        "diff",
        "old.toml",
        "new.toml",
        "--policies",
        "policy.json",
        "--builtin-catalog",
    ];
    let run = rolecall(&home, &arguments);
    assert_eq!(run.code, 1, "{}", run.stdout);
    for part in [
        "met before, no longer: 1\n",
        "new, and not met: 1\n",
        "= help: add to the identity policy",
        "BREAKS: 2 requirements of the newer version need additions; 0 of 2 met",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    let as_json = [&arguments[..], &["--format", "json"]].concat();
    let report = json(&rolecall(&home, &as_json));
    assert_eq!(report["schema"], "rolecall/profile-diff/v1");
    let unmet = report["installed"]["unmet"].as_array().unwrap();
    assert_eq!(unmet.len(), 2);
    assert!(
        unmet
            .iter()
            .all(|it| it["breaks"] == true && it["fix"].is_array())
    );
    std::fs::write(
        &file,
        policy("archive", "\"s3:PutObject\", \"s3:GetObject\""),
    )
    .unwrap();
    let run = rolecall(&home, &arguments);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(
        run.stdout.contains("met now, not before: write-backup"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("NOTHING BREAKS; 2 of 2 met"),
        "{}",
        run.stdout
    );
    let run = rolecall(
        &home,
        &[
            "diff",
            "old.toml",
            "new.toml",
            "--var",
            "x=y",
            "--policies",
            "policy.json",
        ],
    );
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("neither version has a variable `x`"),
        "{}",
        run.stderr
    );
}

#[test]
fn old_spellings_keep_working() {
    let at = root("");
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    let old = command
        .current_dir(&at)
        .args(["profiles", "mengi/eks"])
        .output()
        .unwrap();
    let new = rolecall(&at, &["show", "mengi/eks"]);
    assert_eq!(String::from_utf8(old.stdout).unwrap(), new.stdout);
    assert!(rolecall(&at, &["list"]).stdout.contains("mengi/eks"));
}
