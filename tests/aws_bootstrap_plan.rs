//! `rolecall bootstrap plan` and `status` against a server that speaks AWS's protocol: what they find
//! in an account, and that they change nothing.
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

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use client::{config, wait};
use double::{ACCOUNT, Double, Key, policies};
use rolecall::aws::{Connection, Operator, Where};
use rolecall::plan::{Found, Plan, What};
use rolecall::provision::Hands as _;
use rolecall::store::plan::read;
use secrecy::SecretString;
use serde_json::Value;

const PROFILE: &str = include_str!("generate/backups.toml");

/// The role that AWS makes in a new member account.
const ROLE: &str = "OrganizationAccountAccessRole";

struct Bench {
    double: Double,
    folder: PathBuf,
    key: Key,
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Bench {
    fn start(name: &str) -> Option<Self> {
        let double = Double::start()?;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("bootstrap-live")
            .join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("backups.toml"), PROFILE).unwrap();
        let key = double.admin();
        Some(Self {
            double,
            folder,
            key,
        })
    }

    fn run(&self, words: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_rolecall"))
            .current_dir(&self.folder)
            .env_clear()
            .env("AWS_ACCESS_KEY_ID", &self.key.id)
            .env("AWS_SECRET_ACCESS_KEY", &self.key.secret)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL", self.double.endpoint())
            .arg("bootstrap")
            .args(words)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let ran = Ran {
            code: output.status.code().unwrap(),
            out: text(output.stdout),
            err: text(output.stderr),
        };
        for stream in [&ran.out, &ran.err] {
            assert!(!stream.contains(&self.key.secret), "the secret is shown");
        }
        ran
    }

    fn plan(&self, words: &[&str]) -> (Ran, Plan) {
        let own = [
            "plan",
            "--builtin-catalog",
            "--for",
            "backups.toml",
            "--var",
            "bucket=example-backups",
            "--var",
            "external-id=o-example-1",
            "--out",
            "plan.json",
            "--no-documents",
        ];
        let ran = self.run(&[&own[..], words].concat());
        let text = std::fs::read_to_string(self.folder.join("plan.json")).unwrap_or_default();
        let plan = read("plan.json", &text).unwrap();
        (ran, plan)
    }

    fn status(&self) -> (Ran, Value) {
        let ran = self.run(&["status", "--plan", "plan.json", "--format", "json"]);
        let value = serde_json::from_str(&ran.out).unwrap_or_default();
        (ran, value)
    }

    fn make(&self, plan: &Plan) {
        let place = Where {
            profile: None,
            region: Some("us-east-1".to_owned()),
            endpoint: Some(self.double.endpoint()),
        };
        let secret = SecretString::from(self.key.secret.clone());
        let connection = Connection::with_key(&place, &self.key.id, &secret).unwrap();
        let mut operator = Operator::new(&connection, &place);
        for object in &plan.objects {
            operator.create(&object.what).unwrap();
        }
    }

    fn iam(&self) -> aws_sdk_iam::Client {
        let key = self.double.admin();
        let config = config(&self.double.endpoint(), &key.id, &key.secret, None);
        aws_sdk_iam::Client::new(&config)
    }

    /// Nothing but reads was called.
    fn changed_nothing(&self) {
        let actions = self.double.actions();
        let is_read = |it: &String| {
            let name = it.split(':').nth(1).unwrap_or_default();
            ["Get", "List", "Describe"]
                .iter()
                .any(|word| name.starts_with(word))
        };
        let writes: Vec<&String> = actions.iter().filter(|it| !is_read(it)).collect();
        assert!(writes.is_empty() && !actions.is_empty(), "{writes:?}");
    }
}

fn founds(plan: &Plan) -> Vec<&Found> {
    plan.objects.iter().map(|it| &it.found).collect()
}

fn states(status: &Value) -> Vec<&str> {
    let objects = status["objects"].as_array().unwrap().iter();
    objects.map(|it| it["state"].as_str().unwrap()).collect()
}

#[test]
fn from_an_empty_account_to_drift() {
    let Some(bench) = Bench::start("whole") else {
        return;
    };
    let (ran, plan) = bench.plan(&[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert_eq!(plan.account.as_deref(), Some(ACCOUNT));
    assert!(plan.by.ends_with("user/admin") && !plan.made.is_empty());
    assert_eq!(founds(&plan), [&Found::Absent; 3]);
    assert!(ran.out.contains("to be made"));
    let (_, status) = bench.status();
    assert_eq!(states(&status), ["missing"; 3]);
    bench.changed_nothing();

    bench.make(&plan);
    bench.double.forget_calls();
    let (ran, status) = bench.status();
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert_eq!(states(&status), ["same"; 3]);
    assert_eq!(status["complete"], true);
    let (ran, again) = bench.plan(&[]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert_eq!(founds(&again), [&Found::Same; 3]);
    bench.changed_nothing();

    let iam = bench.iam();
    wait(async {
        let more = iam.put_role_policy().role_name("example-backup");
        let more = more.policy_name("more").policy_document(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        );
        more.send().await.unwrap();
        let untag = iam.untag_role().role_name("example-backup");
        untag
            .tag_keys("rolecall:installation")
            .send()
            .await
            .unwrap();
    });
    bench.double.forget_calls();
    let (ran, status) = bench.status();
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert_eq!(states(&status), ["same", "differs", "same"]);
    let difference = &status["objects"][1]["differences"][0];
    assert_eq!(difference["of"], "tag rolecall:installation");
    let beyond = status["beyond"][0].as_str().unwrap();
    assert!(beyond.contains("inline policy"), "{beyond}");
    // A role without our tag is not ours, whatever else it is.
    let (ran, again) = bench.plan(&[]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(matches!(founds(&again)[1], Found::Differs(_)));
    assert!(ran.out.contains("THERE ALREADY, AND DIFFERENT"));
    assert!(ran.out.contains("REFUSED"));
    bench.changed_nothing();
}

#[test]
fn what_may_not_be_read_is_unknown_and_not_absent() {
    let Some(mut bench) = Bench::start("unread") else {
        return;
    };
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/reader");
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetPolicy","Resource":"*"}]}"#;
    bench.key = bench.double.grant(&arn, policies(&[text]));
    let (ran, plan) = bench.plan(&[]);
    assert_eq!(ran.code, 3, "{}\n{}", ran.out, ran.err);
    let found = founds(&plan);
    assert!(
        matches!(
            found.as_slice(),
            [Found::Absent, Found::Unknown(_), Found::Unknown(_)]
        ),
        "{found:?}"
    );
    assert!(
        plan.gate
            .unknown
            .iter()
            .any(|(class, _)| class == "unread-scps")
    );
    let (ran, status) = bench.status();
    // That the policy is missing is certain.
    assert_eq!(ran.code, 1, "{}\n{}", ran.out, ran.err);
    assert_eq!(states(&status), ["missing", "unknown", "unknown"]);
}

#[test]
fn the_wrong_account_is_refused() {
    let Some(bench) = Bench::start("wrong") else {
        return;
    };
    let (_, plan) = bench.plan(&[]);
    assert!(
        plan.objects
            .iter()
            .any(|it| matches!(it.what, What::Role(_)))
    );
    let own = ["plan", "--for", "mengi/eks", "--account", "999988887777"];
    let ran = bench.run(&own);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("the credential is of the account"),
        "{}",
        ran.err
    );
    let text = std::fs::read_to_string(bench.folder.join("plan.json")).unwrap();
    std::fs::write(
        bench.folder.join("plan.json"),
        text.replace(ACCOUNT, "999988887777"),
    )
    .unwrap();
    let ran = bench.run(&["status", "--plan", "plan.json"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("is for the account 999988887777"),
        "{}",
        ran.err
    );
}

#[test]
fn a_member_account_is_looked_for_by_name_and_entered_once_it_is_there() {
    let Some(bench) = Bench::start("member") else {
        return;
    };
    let config = config(
        &bench.double.endpoint(),
        &bench.key.id,
        &bench.key.secret,
        None,
    );
    let client = aws_sdk_organizations::Client::new(&config);
    wait(async {
        use aws_sdk_organizations::types::OrganizationFeatureSet;
        let create = client.create_organization();
        let create = create.feature_set(OrganizationFeatureSet::All);
        create.send().await.unwrap();
    });
    let words = [
        "--member-account",
        "vendor",
        "--email",
        "aws+vendor@example.com",
        "--accept",
        "unread-scps",
        "--reason",
        "no policies at the root",
    ];
    let (ran, plan) = bench.plan(&words);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert_eq!(plan.account, None);
    assert_eq!(*founds(&plan)[0], Found::Absent);
    assert!(founds(&plan)[1..].iter().all(|it| **it == Found::NotLooked));
    let ran = bench.run(&["status", "--plan", "plan.json"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("the plan was not applied"), "{}", ran.err);

    let id = wait(async {
        let create = client.create_account().account_name("vendor");
        let create = create.email("aws+vendor@example.com").send().await.unwrap();
        let id = create.create_account_status.unwrap().id.unwrap();
        for _ in 0..5 {
            let state = client.describe_create_account_status();
            state.create_account_request_id(&id).send().await.unwrap();
        }
        let all = client.list_accounts().send().await.unwrap();
        let own = all.accounts().iter().find(|it| it.name() == Some("vendor"));
        own.unwrap().id().unwrap().to_owned()
    });
    // AWS gives the role `AdministratorAccess`, which the double does not keep.
    let session = format!("arn:aws:sts::{id}:assumed-role/{ROLE}/rolecall-bootstrap");
    let everything =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    bench.double.grant(&session, policies(&[everything]));
    let ran = bench.run(&["status", "--plan", "plan.json", "--format", "json"]);
    assert_eq!(ran.code, 1, "{}\n{}", ran.out, ran.err);
    let status: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(states(&status), ["same", "missing", "missing", "missing"]);
    let (ran, plan) = bench.plan(&words);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    let account = plan.account.clone().unwrap();
    assert_ne!(account, ACCOUNT);
    let found = founds(&plan);
    assert_eq!(found[0], &Found::Same);
    assert!(
        found[1..].iter().all(|it| **it == Found::Absent),
        "{found:?}"
    );
    assert!(!rolecall::store::plan::write(&plan).contains("000000000000"));
}
