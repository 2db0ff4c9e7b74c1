//! `rolecall public` and `rolecall who` from the outside: what they print and the code they end
//! with. Verdicts by resource type are in `tests/public.rs`.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests write their input and stop where something is missing"
)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;

const BUCKET: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Office",
      "Effect": "Allow",
      "Principal": "*",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::data/*",
      "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } }
    },
    {
      "Sid": "Partners",
      "Effect": "Allow",
      "Principal": { "AWS": ["arn:aws:iam::444455556666:root", "arn:aws:iam::111122223333:role/ci"] },
      "Action": ["s3:GetObject", "s3:PutObject"],
      "Resource": "arn:aws:s3:::data/*"
    },
    {
      "Sid": "Cdn",
      "Effect": "Allow",
      "Principal": { "Service": "cloudfront.amazonaws.com" },
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::data/*"
    },
    {
      "Sid": "NoPartners",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "s3:PutObject",
      "Resource": "*",
      "Condition": { "StringNotEquals": { "aws:PrincipalAccount": "111122223333" } }
    }
  ]
}
"#;
const OPEN: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "Website", "Effect": "Allow", "Principal": "*",
    "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*"
  }]
}
"#;
const TRUST: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": { "AWS": "arn:aws:iam::444455556666:role/vendor" },
      "Action": "sts:AssumeRole",
      "Condition": { "StringEquals": { "sts:ExternalId": "42" } }
    },
    {
      "Sid": "Actions",
      "Effect": "Allow",
      "Principal": { "Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" },
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": { "StringEquals": { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" } }
    }
  ]
}
"#;

/// A folder of its own with the files of the tests, and runs of the binary in it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("public-{name}"));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in [
            ("bucket.json", BUCKET),
            ("open.json", OPEN),
            ("trust.json", TRUST),
        ] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        Self(folder)
    }

    /// Returns the exit code, standard output and standard error of a run.
    fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::cargo_bin("rolecall").unwrap();
        command.current_dir(&self.0);
        command.args(arguments).arg("--builtin-catalog");
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let catalog = rolecall::catalog::Catalog::builtin().info();
        let code = output.status.code().unwrap();
        let errors = text(output.stderr);
        let shown = format!("exit {code}\n{}{errors}", text(output.stdout));
        shown
            .replace(&catalog.hash, "HASH")
            .replace(&catalog.date, "DATE")
    }

    /// Returns the exit code and the first word of the answer.
    fn verdict(&self, arguments: &[&str]) -> String {
        let shown = self.run(arguments);
        let mut lines = shown.lines();
        let code = lines.next().unwrap();
        let word = lines.next().unwrap().split(':').next().unwrap();
        format!("{code} {word}")
    }
}

#[test]
fn public_only_from_somewhere() {
    let folder = Folder::new("conditionally");
    insta::assert_snapshot!(folder.run(&["public", "bucket.json"]));
    let strict = folder.verdict(&["public", "bucket.json", "--strict"]);
    assert_eq!(strict, "exit 1 conditionally");
}

#[test]
fn public() {
    let folder = Folder::new("yes");
    insta::assert_snapshot!(folder.run(&["public", "open.json"]));
    insta::assert_snapshot!(folder.run(&["public", "trust.json"]));
}

#[test]
fn outside_of_a_zone() {
    let folder = Folder::new("zone");
    let partner = [
        "public",
        "bucket.json",
        "--trust-zone",
        "account=111122223333",
    ];
    insta::assert_snapshot!(folder.run(&[&partner[..], &["--format", "json"]].concat()));
    let both = "account=111122223333,account=444455556666";
    let zone = ["public", "bucket.json", "--trust-zone", both];
    assert_eq!(folder.verdict(&zone), "exit 0 conditionally");
    let wrong = ["public", "bucket.json", "--trust-zone", "111122223333"];
    assert_eq!(folder.verdict(&wrong), "exit 2 error");
}

#[test]
fn who_gets_in() {
    let folder = Folder::new("who");
    insta::assert_snapshot!(folder.run(&["who", "bucket.json", "--action", "s3:GetObject"]));
    // The Deny leaves one of two.
    insta::assert_snapshot!(folder.run(&["who", "bucket.json", "--action", "s3:PutObject"]));
    let other = ["--resource", "arn:aws:s3:::other/*"];
    let nobody = [
        &["who", "bucket.json", "--action", "s3:GetObject"][..],
        &other,
    ]
    .concat();
    assert_eq!(folder.verdict(&nobody), "exit 1 nobody may call `s3");
}

#[test]
fn who_becomes_a_role() {
    let folder = Folder::new("who-trust");
    let asked = ["who", "trust.json", "--action", "sts:AssumeRole"];
    insta::assert_snapshot!(folder.run(&[&asked[..], &["--format", "json"]].concat()));
    let token = [
        "who",
        "trust.json",
        "--action",
        "sts:AssumeRoleWithWebIdentity",
    ];
    insta::assert_snapshot!(folder.run(&token));
}

#[test]
fn wrong_use() {
    let folder = Folder::new("wrong");
    let identity = OPEN.replace(r#""Principal": "*","#, "");
    std::fs::write(folder.0.join("identity.json"), identity).unwrap();
    insta::assert_snapshot!(folder.run(&["public", "identity.json"]));
    insta::assert_snapshot!(folder.run(&["who", "open.json", "--action", "s3:GetObjekt"]));
}
