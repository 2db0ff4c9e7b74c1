//! `rolecall generate` from the outside: what goes wrong is named, with what to do, and nothing is
//! left half-written.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests write their input and stop where something is missing"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

const PROFILE: &str = include_str!("generate/backups.toml");

/// Forbids what one of the requirements asks for.
const CONTRADICTION: &str = r#"
[[must-not]]
id = "delete-disks"
title = "delete volumes"
class = "W24"
actions = ["ec2:DeleteVolume"]
why = "data is lost"
evidence = ["guide"]
"#;

const ONE_MORE: &str = r#"
[[requirements]]
id = "list-keys"
phase = "run"
action = "kms:ListKeys"
why = "shows the keys"
breaks = "no keys are shown"
evidence = ["guide"]
"#;

const DENY_DELETION: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Effect": "Allow", "Action": "*", "Resource": "*" },
    { "Effect": "Deny", "Action": "ec2:DeleteVolume", "Resource": "*" }
  ]
}
"#;

/// An empty folder of a test's own, with the profile in it.
struct Folder(PathBuf);

struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("generate")
            .join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let it = Self(folder);
        it.write("profile.toml", PROFILE);
        it
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }

    fn generate(&self, profile: &str, more: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
        let output = command
            .current_dir(&self.0)
            .args(["generate", "--builtin-catalog", "--for", profile])
            .args(more)
            .output()
            .unwrap();
        Run {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Generates from the folder's profile with everything set.
    fn own(&self, more: &[&str]) -> Run {
        let mut arguments = vec!["--var", "bucket=example-backups"];
        arguments.extend(more);
        self.generate("profile.toml", &arguments)
    }

    /// Returns every file under a folder with its text.
    fn files(&self, name: &str) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        let mut open = vec![self.0.join(name)];
        while let Some(folder) = open.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else {
                continue;
            };
            for entry in entries {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let known = path.strip_prefix(self.0.join(name)).unwrap();
                    let known = known.to_str().unwrap().to_owned();
                    files.insert(known, std::fs::read_to_string(&path).unwrap());
                }
            }
        }
        files
    }
}

#[track_caller]
fn assert_refused(run: &Run, words: &[&str]) {
    assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
    assert_eq!(run.stdout, "");
    for word in words {
        assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
    }
}

#[test]
fn wrong_use_is_named_with_what_to_do() {
    let folder = Folder::new("wrong-use");
    let unknown = folder.generate("mengi/ekss", &[]);
    assert_refused(
        &unknown,
        &["no profile `mengi/ekss`", "did you mean `mengi/eks`"],
    );
    let missing = folder.generate("profile.toml", &[]);
    assert_refused(&missing, &["missing variable `bucket`", "--var bucket="]);
    let cases: [(&[&str], &[&str]); 8] = [
        (&["--var", "account=12"], &["variable `account`", "`12`"]),
        (
            &["--var", "acount=111122223333"],
            &["no variable `acount`", "`account`"],
        ),
        (&["--var", "account"], &["`--var account`", "NAME=VALUE"]),
        (
            &["--feature", "restor"],
            &["no feature `restor`", "`restore`"],
        ),
        (&["--phase", "rum"], &["no phase `rum`", "`run`"]),
        (&["--actor", "vendr"], &["no actor `vendr`", "`vendor`"]),
        (&["--actor", "operator"], &["nothing is needed of operator"]),
        (&["--scp", "none.json"], &["none.json"]),
    ];
    for (more, words) in cases {
        let mut arguments = more.to_vec();
        arguments.extend(["--out", "out"]);
        assert_refused(&folder.own(&arguments), words);
        assert!(folder.files("out").is_empty(), "{more:?}");
    }
    for (flag, words) in [("--split", "feature"), ("--format", "terraform")] {
        let run = folder.own(&[flag, "sideways"]);
        assert_refused(&run, &["sideways", words]);
    }
}

#[test]
fn all_wrong_settings_are_named_at_once() {
    let folder = Folder::new("all-at-once");
    let run = folder.own(&[
        "--var",
        "account=12",
        "--feature",
        "restor",
        "--phase",
        "rum",
    ]);
    assert_refused(&run, &["`12`", "`restor`", "`rum`"]);
}

#[test]
fn a_contradiction_names_both_sides_and_writes_nothing() {
    let folder = Folder::new("contradiction");
    folder.write("profile.toml", &format!("{PROFILE}{CONTRADICTION}"));
    let run = folder.own(&["--out", "out"]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    for word in ["`delete-volume`", "`delete-disks`", "nothing was written"] {
        assert!(run.stdout.contains(word), "{word}: {}", run.stdout);
    }
    assert!(folder.files("out").is_empty());
}

#[test]
fn a_boundary_that_cannot_fit_says_what_to_do() {
    let folder = Folder::new("too-large");
    // Changes in IAM keep their names in a boundary: no two of these become one.
    let mut profile = PROFILE.to_owned();
    profile.push_str(concat!(
        "\n[generate]\nname = \"access\"\npath = \"/\"\n",
        "boundary = { variable = \"own-boundary\", policy = \"access-boundary\" }\n",
        "\n[variables.own-boundary]\ntype = \"arn\"\ndefault = \"\"\n",
        "description = \"the boundary\"\n",
    ));
    for at in 0..120 {
        profile.push_str(&format!(
            "\n[objects.role-{at}]\ntype = \"iam:role\"\nowner = \"service\"\n\
             arn = \"arn:aws:iam::{{account}}:role/a-role-with-a-long-name-number-{at}\"\n\
             \n[[requirements]]\nid = \"delete-{at}\"\nphase = \"run\"\naction = \"iam:DeleteRole\"\n\
             resources = [\"role-{at}\"]\nwhy = \"removes it\"\nbreaks = \"it stays\"\n\
             evidence = [\"guide\"]\n"
        ));
    }
    folder.write("profile.toml", &profile);
    let run = folder.own(&["--out", "out"]);
    assert_refused(&run, &["`access", "6144", "help:"]);
    assert!(folder.files("out").is_empty());
}

#[test]
fn what_an_scp_denies_is_named_and_nothing_is_written() {
    let folder = Folder::new("scp");
    folder.write("scp.json", DENY_DELETION);
    let run = folder.own(&["--scp", "scp.json", "--out", "out"]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("delete-volume"), "{}", run.stdout);
    assert!(run.stdout.contains("nothing was written"), "{}", run.stdout);
    assert!(folder.files("out").is_empty());
}

#[test]
fn a_folder_that_cannot_be_written_stays_as_it_is() {
    let folder = Folder::new("not-writable");
    folder.write("file", "kept");
    let run = folder.own(&["--out", "file"]);
    assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("`file`"), "{}", run.stderr);
    let kept = std::fs::read_to_string(folder.0.join("file")).unwrap();
    assert_eq!(kept, "kept");

    // A folder stands where the last of the files has to go.
    std::fs::create_dir_all(folder.0.join("out/proof.json")).unwrap();
    let run = folder.own(&["--out", "out"]);
    assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
    assert!(
        run.stderr.contains("`out` cannot be written"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("`proof.json`"), "{}", run.stderr);
    let left = folder.files("out");
    assert!(left.is_empty(), "{:?}", left.keys());
}

#[test]
fn files_of_an_earlier_run_go_and_those_of_others_stay() {
    let folder = Folder::new("stale");
    let run = folder.own(&["--out", "out", "--format", "terraform"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let before = folder.files("out");
    assert!(before.contains_key("proof.json"));
    folder.write("out/notes.txt", "of somebody else");
    let run = folder.own(&["--out", "out"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let after = folder.files("out");
    assert_eq!(after["notes.txt"], "of somebody else");
    let proof: Value = serde_json::from_str(&after["proof.json"]).unwrap();
    let mut named: Vec<&str> = proof["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    named.push("notes.txt");
    named.sort_unstable();
    assert_eq!(after.keys().collect::<Vec<_>>(), named);
    assert!(before.keys().any(|it| !after.contains_key(it)));
}

#[test]
fn every_format_writes_files_that_read() {
    let folder = Folder::new("formats");
    for format in ["json", "terraform", "cloudformation", "cli"] {
        let run = folder.own(&["--out", format, "--format", format]);
        assert_eq!(run.code, 0, "{format}: {}{}", run.stdout, run.stderr);
        let files = folder.files(format);
        assert!(files.len() > 2, "{format}: {:?}", files.keys());
        for (name, text) in &files {
            match name.rsplit_once('.').unwrap_or_default().1 {
                "json" => drop(serde_json::from_str::<Value>(text).unwrap()),
                "tf" => drop(hcl::parse(text).unwrap()),
                "sh" => assert!(text.starts_with("#!"), "{name}"),
                "yaml" | "yml" => {
                    use saphyr::LoadableYamlNode as _;
                    assert_eq!(saphyr::Yaml::load_from_str(text).unwrap().len(), 1);
                }
                "md" => assert!(text.starts_with('#'), "{name}"),
                _ => assert!(!text.is_empty(), "{name}"),
            }
            assert!(!name.contains(".rolecall-"), "{name}");
        }
        let proof: Value = serde_json::from_str(&files["proof.json"]).unwrap();
        assert_eq!(proof["holds"], true);
    }
}

#[test]
fn one_more_requirement_changes_only_the_lines_about_it() {
    let folder = Folder::new("small-diff");
    assert_eq!(folder.own(&["--out", "before"]).code, 0);
    folder.write("profile.toml", &format!("{PROFILE}{ONE_MORE}"));
    assert_eq!(folder.own(&["--out", "after"]).code, 0);
    let (before, after) = (folder.files("before"), folder.files("after"));
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        after.keys().collect::<Vec<_>>()
    );
    let policies = before.iter().filter(|(name, _)| name.ends_with(".json"));
    let mut changed = 0;
    for (name, text) in policies.filter(|(name, _)| *name != "proof.json") {
        let after = &after[name];
        let diff = similar::TextDiff::from_lines(text.as_str(), after.as_str());
        for change in diff.iter_all_changes() {
            // The comma before a new statement is all that may go.
            if change.tag() == similar::ChangeTag::Delete {
                assert_eq!(change.value().trim(), "}", "{name}");
            }
            changed += usize::from(change.tag() == similar::ChangeTag::Insert);
        }
    }
    // One statement, with its condition.
    assert!((1..=12).contains(&changed), "{changed}");
}

#[test]
fn the_same_command_writes_the_same_bytes() {
    let folder = Folder::new("same-bytes");
    for name in ["one", "two"] {
        assert_eq!(folder.own(&["--out", name, "--format", "cli"]).code, 0);
    }
    assert_eq!(folder.files("one"), folder.files("two"));
}
