//! `rolecall lint` from the outside: settings, suppressions, baselines, formats, fixes, exit codes.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests write their input and stop where something is missing"
)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

/// One security warning, and nothing else under default settings.
const WIDE: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "Pass",
    "Effect": "Allow",
    "Action": "iam:PassRole",
    "Resource": "*"
  }]
}
"#;
const GOOD: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "Read",
    "Effect": "Allow",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::example-data/*"
  }]
}
"#;
/// Equivalent: the second action is covered by the first.
const REDUNDANT: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "Read",
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:GetObject"],
    "Resource": "arn:aws:s3:::example-data/*"
  }]
}
"#;

/// A folder of its own, and runs of the binary in it.
struct Folder(PathBuf);

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("lint-{name}"));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let it = Self(folder);
        // Settings above the package are not to reach in.
        it.write("rolecall.toml", "");
        for (name, text) in files {
            it.write(name, text);
        }
        it
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn lint(&self, arguments: &[&str]) -> Ran {
        self.lint_text(arguments, "")
    }

    fn lint_text(&self, arguments: &[&str], stdin: &str) -> Ran {
        let output = Command::cargo_bin("rolecall")
            .unwrap()
            .current_dir(&self.0)
            .env_remove("GITHUB_ACTIONS")
            .args(["lint", "--builtin-catalog"])
            .args(arguments)
            .write_stdin(stdin)
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let mut all = vec!["--format", "json"];
        all.extend(arguments);
        let ran = self.lint(&all);
        assert!(!ran.out.is_empty(), "{}", ran.err);
        (ran.code, serde_json::from_str(&ran.out).unwrap())
    }

    fn git(&self, arguments: &[&str]) {
        let status = std::process::Command::new("git")
            .current_dir(&self.0)
            .args(["-c", "user.name=x", "-c", "user.email=x@example.com"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(status.status.success(), "{arguments:?}: {status:?}");
    }
}

fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|it| it["rule"].as_str().unwrap())
        .collect()
}

#[test]
fn exit_codes_are_the_same_in_every_format() {
    let folder = Folder::new(
        "codes",
        &[
            ("wide.json", WIDE),
            ("good.json", GOOD),
            ("broken.json", "{\"Statement\": ["),
        ],
    );
    let formats = [
        "text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown",
    ];
    for format in formats {
        let code = |file: &str| folder.lint(&["--format", format, file]).code;
        assert_eq!(code("good.json"), 0, "{format}");
        assert_eq!(code("wide.json"), 1, "{format}");
        assert_eq!(code("broken.json"), 3, "{format}");
        assert_eq!(code("missing.json"), 2, "{format}");
    }
    assert_eq!(folder.lint(&["--fail-on", "never", "wide.json"]).code, 0);
    assert_eq!(folder.lint(&["--fail-on", "error", "wide.json"]).code, 0);
}

#[test]
fn a_broken_file_hides_nothing() {
    let folder = Folder::new(
        "broken",
        &[
            ("wide.json", WIDE),
            ("broken.json", "{\"Statement\": ["),
            ("package.json", "{\"name\": \"Statement of nothing\"}"),
            ("notes.txt", "no JSON"),
        ],
    );
    let (code, report) = folder.json(&["."]);
    assert_eq!(code, 1);
    assert_eq!(rules(&report), ["pass-role-on-any-role"]);
    assert_eq!(report["unread"][0]["rule"], "invalid-json");
    assert_eq!(report["summary"]["skipped"], 3, "{report:#}");
    // What is named has to be a policy.
    let (code, report) = folder.json(&["package.json"]);
    assert_eq!(code, 3);
    assert_eq!(report["unread"][0]["rule"], "not-a-policy");
    // Nothing to look at is not "clean".
    assert_eq!(folder.lint(&["notes.txt"]).code, 3);
}

#[test]
fn the_nearest_settings_hold() {
    let folder = Folder::new(
        "nearest",
        &[
            ("a/wide.json", WIDE),
            ("a/b/wide.json", WIDE),
            ("a/b/rolecall.toml", "ignore = [\"pass-role-on-any-role\"]"),
        ],
    );
    let (code, report) = folder.json(&["."]);
    assert_eq!(code, 1);
    let files: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["file"].as_str().unwrap())
        .collect();
    assert_eq!(files, ["a/wide.json"]);
    let (_, report) = folder.json(&["--isolated", "."]);
    assert_eq!(rules(&report).len(), 2);
    let shown = folder.lint(&["--show-settings", "a/b/wide.json"]).out;
    assert!(shown.contains("settings: a/b/rolecall.toml"), "{shown}");
    let listed = folder.lint(&["--show-files", "."]).out;
    assert_eq!(listed, "a/b/wide.json\na/wide.json\n");
}

#[test]
fn settings_by_path() {
    let settings = "fail-on = \"warning\"\n\
                    exclude = [\"old/**\"]\n\
                    [[path]]\npaths = [\"legacy/**\"]\n\
                    severity = { pass-role-on-any-role = \"suggestion\" }\n\
                    [[kind]]\npaths = [\"scps/**\"]\nkind = \"scp\"\n";
    let folder = Folder::new(
        "paths",
        &[
            ("rolecall.toml", settings),
            ("legacy/wide.json", WIDE),
            ("old/wide.json", WIDE),
            ("scps/wide.json", WIDE),
        ],
    );
    let (code, report) = folder.json(&["--select", "pass-role-on-any-role", "."]);
    assert_eq!(report["findings"][0]["type"], "suggestion");
    assert_eq!(rules(&report).len(), 1, "{report:#}");
    assert_eq!(code, 0);
    let shown = folder.lint(&["--show-settings", "scps/wide.json"]).out;
    assert!(shown.contains("kind: scp"), "{shown}");
}

#[test]
fn mistakes_in_settings_have_a_place_and_stop_the_run() {
    for (text, message, place) in [
        (
            "ignore = [\"pass-role-on-any-rol\"]",
            "there is no rule `pass-role-on-any-rol`",
            "rolecall.toml:1:11",
        ),
        (
            "persona = \"boss\"",
            "there is no persona `boss`",
            "rolecall.toml:1:11",
        ),
        ("\nselct = []", "unknown field `selct`", "rolecall.toml:2:1"),
        ("ignore = [", "", "rolecall.toml:1:"),
    ] {
        let folder = Folder::new("mistakes", &[("rolecall.toml", text), ("wide.json", WIDE)]);
        let ran = folder.lint(&["wide.json"]);
        assert_eq!(ran.code, 2, "{text}");
        assert!(
            ran.err.contains(message) && ran.err.contains(place),
            "{}",
            ran.err
        );
    }
    let folder = Folder::new("mistakes", &[("wide.json", WIDE)]);
    let ran = folder.lint(&["--select", "pass-role-on-any-rol", "wide.json"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("did you mean `pass-role-on-any-role`?"),
        "{}",
        ran.err
    );
}

fn suppression(lines: &str) -> String {
    format!("[[suppress]]\nrule = \"pass-role-on-any-role\"\npath = \"*.json\"\n{lines}\n")
}

#[test]
fn suppressions_need_a_reason_and_end() {
    let folder = Folder::new("suppress", &[("wide.json", WIDE)]);
    let run = |lines: &str| {
        folder.write("rolecall.toml", &suppression(lines));
        let (code, report) = folder.json(&["wide.json"]);
        let names = rules(&report).into_iter().map(str::to_owned).collect();
        (
            code,
            names,
            report["summary"]["suppressed"].as_u64().unwrap(),
        )
    };
    let nothing: Vec<String> = Vec::new();
    let both = |name: &str| vec![name.to_owned(), "pass-role-on-any-role".to_owned()];
    assert_eq!(run("reason = \"it is ours\""), (0, nothing.clone(), 1));
    assert_eq!(
        run("reason = \"x\"\nsid = \"Pass\""),
        (0, nothing.clone(), 1)
    );
    assert_eq!(
        run("reason = \"x\"\nexpires = \"2999-12-31\""),
        (0, nothing, 1)
    );
    for (lines, name) in [
        ("", "malformed-suppression"),
        ("reason = \" \"", "malformed-suppression"),
        (
            "reason = \"x\"\nexpires = \"soon\"",
            "malformed-suppression",
        ),
        ("reason = \"x\"\nsids = \"Pass\"", "malformed-suppression"),
        (
            "reason = \"x\"\nexpires = 2001-01-01",
            "expired-suppression",
        ),
        ("reason = \"x\"\nsid = \"Other\"", "unmatched-suppression"),
    ] {
        let (code, mut names, count): (_, Vec<String>, _) = run(lines);
        names.sort();
        let mut expected = both(name);
        expected.sort();
        assert_eq!((code, names, count), (1, expected, 0), "{lines}");
    }
    // By the hash of the statement, which formatting does not change.
    folder.write("rolecall.toml", "");
    let (_, report) = folder.json(&["wide.json"]);
    let hash = report["findings"][0]["statementHash"].as_str().unwrap();
    folder.write("wide.json", &WIDE.replace("  ", " "));
    assert_eq!(run(&format!("reason = \"x\"\nstatement = \"{hash}\"")).0, 0);
}

#[test]
fn a_baseline_knows_old_findings_by_what_they_are() {
    let folder = Folder::new("baseline", &[("wide.json", WIDE)]);
    let ran = folder.lint(&["--write-baseline", "baseline.json", "wide.json"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    // Lines move, and the finding is the same.
    folder.write("wide.json", &WIDE.replace("{\n  \"V", "{\n\n\n  \"V"));
    let (code, report) = folder.json(&["--baseline", "baseline.json", "wide.json"]);
    assert_eq!((code, &report["summary"]["baseline"]), (0, &Value::from(1)));
    // Another statement is news.
    folder.write("wide.json", &WIDE.replace("\"Pass\"", "\"Other\""));
    let ran = folder.lint(&["--baseline", "baseline.json", "wide.json"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("1 findings of the baseline are gone"),
        "{}",
        ran.err
    );
    folder.write("baseline.json", "{}");
    assert_eq!(
        folder
            .lint(&["--baseline", "baseline.json", "wide.json"])
            .code,
        2
    );
}

#[test]
fn a_pull_request_cannot_exempt_itself() {
    let folder = Folder::new("revision", &[("policies/wide.json", GOOD)]);
    folder.git(&["init", "-q", "-b", "main"]);
    folder.git(&["add", "-A"]);
    folder.git(&["commit", "-qm", "base"]);
    folder.write("policies/wide.json", WIDE);
    folder.write(
        "policies/rolecall.toml",
        "ignore = [\"pass-role-on-any-role\"]",
    );
    assert_eq!(folder.lint(&["."]).code, 0);
    assert_eq!(folder.lint(&["--config-from", "main", "."]).code, 1);
    // And it reads what the base says.
    folder.git(&["add", "-A"]);
    folder.git(&["commit", "-qm", "settings"]);
    folder.write("policies/rolecall.toml", "");
    assert_eq!(folder.lint(&["."]).code, 1);
    assert_eq!(folder.lint(&["--config-from", "main", "."]).code, 0);
    let ran = folder.lint(&["--config-from", "nowhere", "."]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no revision `nowhere`"), "{}", ran.err);
}

#[test]
fn fixes_are_written_shown_and_settle() {
    let folder = Folder::new("fix", &[("redundant.json", REDUNDANT)]);
    let arguments = ["--select", "redundant-action"];
    let with = |more: &[&'static str]| {
        let mut all = arguments.to_vec();
        all.extend(more);
        folder.lint(&all)
    };
    let shown = with(&["--diff", "redundant.json"]).out;
    assert!(
        shown.contains("--- a/redundant.json\n+++ b/redundant.json\n"),
        "{shown}"
    );
    assert_eq!(folder.read("redundant.json"), REDUNDANT);
    let ran = with(&["--fix", "redundant.json"]);
    assert!(ran.err.contains("fixed 1 findings"), "{}", ran.err);
    let fixed = folder.read("redundant.json");
    assert_eq!(
        fixed,
        REDUNDANT.replace("\"s3:GetObject\", \"s3:GetObject\"", "\"s3:GetObject\"")
    );
    assert_eq!(with(&["--fix", "redundant.json"]).code, 0);
    assert_eq!(folder.read("redundant.json"), fixed);
    // On standard input the fixed text is the output.
    let mut all = arguments.to_vec();
    all.extend(["--fix", "-"]);
    assert_eq!(folder.lint_text(&all, REDUNDANT).out, fixed);
}

#[test]
fn standard_input_has_a_name_for_its_settings() {
    let settings = "ignore = [\"pass-role-on-any-role\"]";
    let folder = Folder::new("stdin", &[("a/rolecall.toml", settings)]);
    assert_eq!(folder.lint_text(&["-"], WIDE).code, 1);
    assert_eq!(
        folder
            .lint_text(&["--stdin-filename", "a/x.json", "-"], WIDE)
            .code,
        0
    );
}

/// What a hostile policy would like to print.
const HOSTILE: &str = "x\\u001b]0;owned\\u0007\\n::error::pwned\\u202e<img src=x>|`@octocat`";

#[test]
fn texts_of_others_do_nothing_in_any_format() {
    let policy = WIDE.replace("\"Pass\"", &format!("\"{HOSTILE}\"")).replace(
        "\"iam:PassRole\"",
        &format!("[\"iam:PassRole\", \"s3:{HOSTILE}\"]"),
    );
    let folder = Folder::new("hostile", &[("wide.json", &policy)]);
    folder.write("::warning::x.json", &policy);
    let formats = [
        "text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown",
    ];
    for format in formats {
        let arguments = [
            "--persona",
            "auditor",
            "--format",
            format,
            "--color",
            "always",
            ".",
        ];
        let ran = folder.lint(&arguments);
        let text = ran.out.replace("\u{1b}[", "");
        for character in ['\u{1b}', '\u{7}', '\u{202e}', '\r'] {
            assert!(
                !text.contains(character),
                "{format}: {character:?} in {text}"
            );
        }
        for line in ran.out.lines() {
            let line = line.trim_start();
            let is_ours = format == "github"
                && ["::error file=", "::warning file=", "::notice file="]
                    .iter()
                    .any(|it| line.starts_with(it));
            assert!(!line.starts_with("::") || is_ours, "{format}: {line}");
        }
        if format == "markdown" {
            for bad in ["<img", "@octocat", "`@"] {
                assert!(!ran.out.contains(bad), "{bad} in {}", ran.out);
            }
        }
        if format == "github" {
            let commands = ran.out.lines().filter(|it| it.starts_with("::")).count();
            let (_, report) = folder.json(&["--persona", "auditor", "."]);
            assert_eq!(commands, rules(&report).len());
        }
    }
}

#[test]
fn json_follows_its_published_schema() {
    let published = include_str!("../testdata/lint/schema.json");
    let folder = Folder::new(
        "schema",
        &[("wide.json", WIDE), ("broken.json", "{\"Statement\": [")],
    );
    let printed = folder.lint(&["--print-schema"]).out;
    if std::env::var_os("BLESS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lint/schema.json");
        std::fs::write(path, &printed).unwrap();
    } else {
        assert_eq!(published, printed, "BLESS=1 writes it");
    }
    let schema: Value = serde_json::from_str(&printed).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let (_, report) = folder.json(&["--persona", "auditor", "."]);
    let errors: Vec<String> = validator
        .iter_errors(&report)
        .map(|it| it.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(report["schema"], "rolecall/lint/v1");
    let mut damaged = report;
    damaged["findings"][0]
        .as_object_mut()
        .unwrap()
        .remove("rule");
    assert!(!validator.is_valid(&damaged));
}

/// Returns SARIF's schema from the package that holds it; cargo knows where it is.
fn sarif_schema() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = std::process::Command::new(cargo)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["metadata", "--format-version", "1", "--locked", "--quiet"])
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{error}");
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages
        .iter()
        .find(|it| it["name"] == "serde-sarif")
        .unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let schema = manifest.parent().unwrap().join("src/schema.json");
    let text = std::fs::read_to_string(schema).unwrap();
    // Its pattern for languages has a bracket too much, which strict readers of patterns refuse.
    let text = text.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn sarif_follows_its_schema_and_keeps_its_fingerprints() {
    let validator = jsonschema::validator_for(&sarif_schema()).unwrap();
    let folder = Folder::new(
        "sarif",
        &[
            ("a b/wi#de.json", WIDE),
            ("broken.json", "{\"Statement\": ["),
        ],
    );
    let log = || -> Value {
        let ran = folder.lint(&["--format", "sarif", "--persona", "auditor", "."]);
        serde_json::from_str(&ran.out).unwrap()
    };
    let first = log();
    let errors: Vec<String> = validator
        .iter_errors(&first)
        .map(|it| it.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let fingerprints = |log: &Value| -> Vec<Value> {
        let results = log["runs"][0]["results"].as_array().unwrap();
        results
            .iter()
            .map(|it| it["partialFingerprints"].clone())
            .collect()
    };
    folder.write("a b/wi#de.json", &WIDE.replace("{\n  \"V", "{\n\n\n  \"V"));
    assert_eq!(fingerprints(&first), fingerprints(&log()));
    let mut damaged = first;
    damaged["version"] = "1.0".into();
    assert!(!validator.is_valid(&damaged));
}

#[test]
fn several_reports_in_one_run() {
    let folder = Folder::new("outputs", &[("wide.json", WIDE)]);
    let ran = folder.lint(&[
        "--output",
        "sarif:out.sarif",
        "--output",
        "junit:out.xml",
        "wide.json",
    ]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("security-warning[pass-role-on-any-role]"),
        "{}",
        ran.out
    );
    assert!(folder.read("out.sarif").contains("\"2.1.0\""));
    assert!(folder.read("out.xml").contains("<testsuites "));
    let counts = folder.lint(&["--statistics", "wide.json"]).out;
    assert!(counts.contains("pass-role-on-any-role"), "{counts}");
}

#[test]
fn rules_are_listed_and_explained() {
    let run = |arguments: &[&str]| {
        let output = Command::cargo_bin("rolecall")
            .unwrap()
            .args(arguments)
            .output()
            .unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, text) = run(&["rules", "--format", "json"]);
    let listed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(code, 0);
    for rule in listed["rules"].as_array().unwrap() {
        for key in [
            "name",
            "summary",
            "type",
            "scope",
            "kinds",
            "fix",
            "access_analyzer",
            "peers",
        ] {
            assert!(!rule[key].is_null(), "{key} of {rule}");
        }
    }
    for name in [
        "pass-role-on-any-role",
        "passrole-star",
        "PASS_ROLE_WITH_STAR_IN_RESOURCE",
    ] {
        let (code, text) = run(&["explain", name]);
        assert_eq!(code, 0);
        assert!(text.contains("## Why it matters"), "{text}");
    }
    assert_eq!(run(&["explain", "nonsense"]).0, 2);
    assert!(run(&["completions", "bash"]).1.contains("rolecall"));
    assert!(run(&["man", "lint"]).1.contains(".TH"));
}

#[test]
fn the_settings_of_the_readme_are_right() {
    let readme = include_str!("../README.md");
    let start = readme.find("```toml\n").unwrap() + "```toml\n".len();
    let length = readme[start..].find("```").unwrap();
    let folder = Folder::new("readme", &[("wide.json", WIDE)]);
    folder.write("rolecall.toml", &readme[start..start + length]);
    let ran = folder.lint(&["--fail-on", "never", "wide.json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}
