//! `rolecall why` from the outside: each `testdata/why/NAME.txt` is given on standard input, with the
//! flags of `NAME.args`, and `NAME.expected` is what is printed, with the exit code below it.
//!
//! `BLESS=1` writes the expectations anew: read the difference before committing it.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests read and write their data and stop where something is missing"
)]

use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;

/// What stands in the cases as a secret, and must never be printed.
const SECRET: &str = "kX9bQ2mZr4LwT8vN1cYh";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rolecall(args: &[&str], stdin: &str) -> (String, String, i32) {
    let mut command = Command::cargo_bin("rolecall").unwrap();
    command.current_dir(root()).args(args);
    let output = command.write_stdin(stdin).output().unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
        output.status.code().unwrap(),
    )
}

#[test]
fn explains_every_case() {
    let folder = root().join("testdata/why");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .filter_map(|it| {
            let name = it.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".txt").map(str::to_owned)
        })
        .collect();
    names.sort();
    assert!(names.len() >= 40, "{names:?}");
    let mut failures = Vec::new();
    for name in names {
        let input = fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
        let flags = fs::read_to_string(folder.join(format!("{name}.args")));
        let flags = flags.unwrap_or_default();
        let mut args = vec!["why", "-", "--builtin-catalog"];
        args.extend(flags.split_whitespace());
        let (out, err, code) = rolecall(&args, &input);
        assert!(!out.contains(SECRET) && !err.contains(SECRET), "{name}");
        // The catalog's date and hash change with the catalog.
        let is_stable = |it: &&str| !it.contains("\"date\":") && !it.contains("\"hash\":");
        let lines: Vec<&str> = out.lines().chain(err.lines()).filter(is_stable).collect();
        let shown = format!("{}\nexit {code}\n", lines.join("\n"));
        let path = folder.join(format!("{name}.expected"));
        if std::env::var_os("BLESS").is_some() {
            fs::write(path, shown).unwrap();
        } else if fs::read_to_string(path).unwrap_or_default() != shown {
            failures.push(format!("{name}:\n{shown}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn takes_an_argument_and_a_file() {
    let path = "testdata/why/scp-explicit.txt";
    let text = fs::read_to_string(root().join(path)).unwrap();
    let by_argument = rolecall(&["why", &text], "");
    assert_eq!(by_argument.2, 0);
    assert_eq!(by_argument, rolecall(&["why", "--file", path], ""));
    assert_eq!(by_argument, rolecall(&["why", "-"], &text));
    assert_eq!(rolecall(&["why"], "").2, 2);
    assert_eq!(rolecall(&["why", "--file", "no/such/file"], "").2, 2);
}

#[test]
fn never_advises_an_identity_policy_where_another_refused() {
    let layers = [
        "permissions boundary",
        "session policy",
        "service control policy",
        "resource control policy",
        "VPC endpoint policy",
    ];
    let sentence = |tail: &str| {
        format!(
            "User: arn:aws:iam::111122223333:user/a is not authorized to perform: sns:Publish on \
             resource: arn:aws:sns:us-east-1:111122223333:b {tail}"
        )
    };
    let mut tails: Vec<String> = Vec::new();
    for layer in layers {
        tails.push(format!("because no {layer} allows the sns:Publish action"));
        tails.push(format!("with an explicit deny in a {layer}"));
    }
    tails.push("with an explicit deny in an identity-based policy".into());
    tails.push("with an explicit deny".into());
    for tail in tails {
        let (out, _, _) = rolecall(&["why", &sentence(&tail)], "");
        assert!(!out.contains("add to an identity policy"), "{tail}: {out}");
        let has_statement = out.contains("\"Effect\": \"Allow\"");
        // Resource control policies cannot allow.
        let may_add = tail.starts_with("because") && !tail.contains("resource control");
        assert_eq!(has_statement, may_add, "{tail}: {out}");
    }
    let implicit = sentence("because no identity-based policy allows the sns:Publish action");
    let (out, _, code) = rolecall(&["why", &implicit], "");
    assert!(
        out.contains("add to an identity policy of the user `a`"),
        "{out}"
    );
    assert_eq!(code, 0);
}
