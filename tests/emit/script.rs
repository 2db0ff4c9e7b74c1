//! The script, run with an `aws` that records its calls, makes the bundle and nothing else.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rolecall::emit::{self, Format};
use rolecall::generate::{Bundle, text};
use serde_json::Value;

use crate::fixture::{self, REAL};

/// Writes its arguments, keeps the documents, and answers as AWS does.
const AWS: &str = r#"#!/bin/sh
printf '%s\037' "$@" >>"$FAKE/calls"
printf '\n' >>"$FAKE/calls"
for argument in "$@"; do
  case $argument in
  file://*) cp "${argument#file://}" "$FAKE/documents/" ;;
  esac
done
case "$FAKE_FAILS" in "$1 $2") echo 'An error occurred (AccessDenied)' >&2; exit 254 ;; esac
case $2 in
get-caller-identity) printf '%s\n' "$FAKE_CALLER" ;;
get-*)
  for name in "$@"; do :; done
  case $FAKE_EXISTS in "$name") echo '{}'; exit 0 ;; esac
  echo 'An error occurred (NoSuchEntity) when calling' >&2
  exit 254
  ;;
create-access-key) echo '{"AccessKey": {"SecretAccessKey": "this-is-secret"}}' ;;
esac
"#;

struct Run {
    folder: PathBuf,
    succeeded: bool,
    out: String,
    err: String,
    calls: Vec<Vec<String>>,
}

fn script(bundle: &Bundle) -> String {
    let files = emit::files(bundle, Format::Cli, &[]).unwrap();
    let [file] = &*files else { panic!("{files:?}") };
    assert_eq!(file.path, "create.sh");
    file.text.clone()
}

/// Runs the script of a bundle in a folder of its own, with settings for the recording `aws`.
fn run(name: &str, bundle: &Bundle, settings: &[(&str, &str)]) -> Run {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("emit-script-{name}"));
    if !settings.iter().any(|(it, _)| *it == "AGAIN") {
        let _ = std::fs::remove_dir_all(&folder);
    }
    for inner in ["bin", "documents", "work", "tmp"] {
        std::fs::create_dir_all(folder.join(inner)).unwrap();
    }
    let aws = folder.join("bin/aws");
    std::fs::write(&aws, AWS).unwrap();
    std::fs::set_permissions(&aws, PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::write(folder.join("create.sh"), script(bundle)).unwrap();
    std::fs::write(folder.join("calls"), "").unwrap();
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("sh")
        .arg(folder.join("create.sh"))
        .current_dir(folder.join("work"))
        .env("PATH", format!("{}:{path}", folder.join("bin").display()))
        .env("TMPDIR", folder.join("tmp"))
        .env("FAKE", &folder)
        .env(
            "FAKE_CALLER",
            "arn:aws:iam::444455556666:user/administrator",
        )
        .env("FAKE_EXISTS", "")
        .env("FAKE_FAILS", "")
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    let calls = std::fs::read_to_string(folder.join("calls")).unwrap();
    let split = |line: &str| {
        line.trim_end_matches('\x1f')
            .split('\x1f')
            .map(str::to_owned)
            .collect()
    };
    let calls = calls.lines().map(split).collect();
    let left: Vec<_> = std::fs::read_dir(folder.join("tmp")).unwrap().collect();
    assert!(left.is_empty(), "documents are left behind");
    Run {
        folder,
        succeeded: output.status.success(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        calls,
    }
}

impl Run {
    /// Returns the calls that change something, as words with values of options left out.
    fn changes(&self) -> Vec<String> {
        let calls = self.calls.iter().map(|it| format!("{} {}", it[0], it[1]));
        calls
            .filter(|it| !it.contains(" get-") && !it.contains(" wait"))
            .collect()
    }

    fn options(&self, call: &str) -> Vec<BTreeMap<String, String>> {
        let calls = self.calls.iter().filter(|it| it[1] == call);
        calls
            .map(|it| {
                let pairs = it[2..].chunks(2);
                pairs
                    .map(|pair| (pair[0].clone(), pair[1].clone()))
                    .collect()
            })
            .collect()
    }

    /// Returns the text of the document that an option names.
    fn document(&self, option: &str) -> String {
        let name = option
            .strip_prefix("file://")
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap();
        std::fs::read_to_string(self.folder.join("documents").join(name)).unwrap()
    }
}

#[test]
fn a_user_is_made_in_the_steps_of_the_guide() {
    let bundle = fixture::user(&REAL);
    let run = run("user", &bundle, &[]);
    assert!(run.succeeded, "{}", run.err);
    let expected = [
        "iam create-policy",
        "iam create-policy",
        "iam create-user",
        "iam attach-user-policy",
        "iam create-access-key",
    ];
    assert_eq!(run.changes(), expected);
    assert_eq!(run.calls[0][..2], ["sts", "get-caller-identity"]);
    for (policy, options) in bundle.policies.iter().zip(run.options("create-policy")) {
        assert_eq!(options["--policy-name"], policy.name);
        assert_eq!(options["--path"], policy.path);
        // Limits that are the vendor's own by their tags would be none.
        assert_eq!(options.get("--tags"), None);
        assert_eq!(
            run.document(&options["--policy-document"]),
            text(&policy.document())
        );
    }
    let user = &bundle.entities[0];
    let created = &run.options("create-user")[0];
    assert_eq!(created["--user-name"], user.name);
    assert_eq!(
        Some(&created["--permissions-boundary"]),
        user.boundary.as_ref()
    );
    assert_eq!(created.get("--tags"), None);
    assert_eq!(
        run.options("attach-user-policy")[0]["--policy-arn"],
        user.attached[0]
    );
}

#[test]
fn a_secret_goes_into_a_private_file_and_nowhere_else() {
    let bundle = fixture::user(&REAL);
    let first = run("secret", &bundle, &[]);
    let path = first.folder.join("work/mengi-cloud-byoc.access-key.json");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .contains("this-is-secret")
    );
    assert!(!first.out.contains("this-is-secret") && !first.err.contains("this-is-secret"));
    for line in [
        "Account ID: 444455556666",
        "in ./mengi-cloud-byoc.access-key.json;",
        "Default Region: eu-central-1",
    ] {
        assert!(first.out.contains(line), "{line} in {}", first.out);
    }
    // A key is never written over.
    let second = run("secret", &bundle, &[("AGAIN", "1")]);
    assert!(!second.succeeded);
    assert_eq!(second.changes(), [""; 0]);
    assert!(second.err.contains("move it away"), "{}", second.err);
}

#[test]
fn roles_are_made_with_trust_boundary_and_tags() {
    let bundle = fixture::roles(&REAL);
    let run = run("roles", &bundle, &[]);
    assert!(run.succeeded, "{}", run.err);
    let expected = [
        "iam create-policy",
        "iam create-policy",
        "iam create-policy",
        "iam create-policy",
        "iam create-role",
        "iam attach-role-policy",
        "iam attach-role-policy",
        "iam create-role",
        "iam attach-role-policy",
        "iam attach-role-policy",
    ];
    assert_eq!(run.changes(), expected);
    for (role, options) in bundle.entities.iter().zip(run.options("create-role")) {
        assert_eq!(options["--role-name"], role.name);
        assert_eq!(options["--path"], role.path);
        assert_eq!(
            Some(&options["--permissions-boundary"]),
            role.boundary.as_ref()
        );
        let trust = run.document(&options["--assume-role-policy-document"]);
        assert_eq!(trust, text(&role.trust_policy().unwrap()));
        let tags: Vec<Value> = serde_json::from_str(&options["--tags"]).unwrap();
        let tags = tags.iter().map(|it| {
            let part = |key: &str| it[key].as_str().unwrap().to_owned();
            (part("Key"), part("Value"))
        });
        assert_eq!(tags.collect::<Vec<_>>(), role.tags);
    }
    let attached = bundle.entities.iter().flat_map(|it| &it.attached);
    let options = run.options("attach-role-policy");
    assert!(attached.eq(options.iter().map(|it| &it["--policy-arn"])));
    for line in [
        "Role ARN (bootstrap): arn:aws:iam::444455556666:role/acme/vendors/VendorCloudBootstrapRole",
        "External ID: o-acme/1=x",
    ] {
        assert!(run.out.contains(line), "{line} in {}", run.out);
    }
}

#[test]
fn another_account_is_refused() {
    for caller in [
        "arn:aws:iam::111122223333:user/444455556666",
        "arn:aws-cn:iam::444455556666:user/administrator",
    ] {
        let run = run("account", &fixture::user(&REAL), &[("FAKE_CALLER", caller)]);
        assert!(!run.succeeded);
        assert_eq!(run.calls.len(), 1);
        assert!(
            run.err.contains("for the account 444455556666"),
            "{}",
            run.err
        );
    }
}

#[test]
fn what_exists_stops_it_before_anything_is_made() {
    for existing in [
        "mengi-cloud-byoc",
        "arn:aws:iam::444455556666:policy/mengi-cloud-byoc-eks",
    ] {
        let run = run(
            "exists",
            &fixture::user(&REAL),
            &[("FAKE_EXISTS", existing)],
        );
        assert!(!run.succeeded);
        assert_eq!(run.changes(), [""; 0]);
        assert!(run.err.contains(existing), "{}", run.err);
    }
    let unknown = run(
        "exists",
        &fixture::user(&REAL),
        &[("FAKE_FAILS", "iam get-user")],
    );
    assert!(!unknown.succeeded);
    assert_eq!(unknown.changes(), [""; 0]);
    assert!(
        unknown
            .err
            .contains("cannot tell whether the user mengi-cloud-byoc exists"),
        "{}",
        unknown.err
    );
}

#[test]
fn a_stop_half_way_says_how_to_take_back_what_was_made() {
    let run = run(
        "half",
        &fixture::user(&REAL),
        &[("FAKE_FAILS", "iam create-access-key")],
    );
    assert!(!run.succeeded);
    let undo = run.err.split("take back what was made:\n").nth(1).unwrap();
    let expected = "  aws iam detach-user-policy --user-name mengi-cloud-byoc --policy-arn arn:aws:iam::444455556666:policy/mengi-cloud-byoc-eks
  aws iam delete-user --user-name mengi-cloud-byoc
  aws iam delete-policy --policy-arn arn:aws:iam::444455556666:policy/mengi-cloud-byoc-eks
  aws iam delete-policy --policy-arn arn:aws:iam::444455556666:policy/mengi-cloud-byoc-boundary
";
    assert_eq!(undo, expected);
    assert!(
        !run.folder
            .join("work/mengi-cloud-byoc.access-key.json")
            .exists()
    );
}

#[test]
fn shellcheck_finds_nothing_where_it_is_to_be_had() {
    for (at, bundle) in [fixture::user(&REAL), fixture::roles(&REAL)]
        .iter()
        .enumerate()
    {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("emit-script-{at}.sh"));
        std::fs::write(&path, script(bundle)).unwrap();
        let checked = Command::new("sh").arg("-n").arg(&path).output().unwrap();
        assert!(checked.status.success());
        let program = std::env::var_os("SHELLCHECK").unwrap_or_else(|| "shellcheck".into());
        let Ok(output) = Command::new(program).arg(&path).output() else {
            eprintln!("skipped: there is no shellcheck");
            continue;
        };
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
}
