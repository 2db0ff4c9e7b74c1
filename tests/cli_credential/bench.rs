//! A double with a customer's user, a store, and the binary.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::client::{config, wait};
use super::double::{ACCOUNT, Double, Fault, Key, Refusal, Victim, Which, kill};

/// The user of the profile.
pub(crate) const USER: &str = "mengi-cloud-byoc";

/// A key for the store, which is no secret of anybody.
pub(crate) const STORE_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A customer's account and a vendor's store.
pub(crate) struct Bench {
    pub(crate) double: Double,
    pub(crate) folder: TempDir,
    /// Every secret that no output and no file may show.
    secrets: Mutex<Vec<String>>,
}

/// How the binary ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) errors: String,
}

impl Ended {
    /// Returns what was printed as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        let Self { out, errors, .. } = &self;
        assert_eq!(self.code, Some(code), "\n{out}\n{errors}");
        self
    }

    #[track_caller]
    pub(crate) fn says(&self, text: &str) {
        let Self { out, errors, .. } = self;
        assert!(
            out.contains(text) || errors.contains(text),
            "`{text}` is missing:\n{out}\n{errors}"
        );
    }
}

impl Bench {
    /// Starts one; `None` where there is no moto.
    pub(crate) fn start() -> Option<Self> {
        let bench = Self {
            double: Double::start()?,
            folder: tempfile::tempdir().unwrap(),
            secrets: Mutex::default(),
        };
        let admin = bench.double.admin();
        bench.hide(&admin.secret);
        bench.hide(STORE_KEY);
        bench.write_profile("admin", &admin);
        bench.calm();
        Some(bench)
    }

    /// Ends every fault but one: the account is in no organization.
    pub(crate) fn calm(&self) {
        self.double.clear_faults();
        let words = "Your account is not a member of an organization.";
        let refusal = Refusal::new(400, "AWSOrganizationsNotInUseException", words);
        self.double.fault(
            "organizations:DescribeOrganization",
            Which::Every,
            Fault::Refuse(refusal),
        );
    }

    pub(crate) fn iam(&self) -> aws_sdk_iam::Client {
        let admin = self.double.admin();
        let config = config(&self.double.endpoint(), &admin.id, &admin.secret, None);
        aws_sdk_iam::Client::new(&config)
    }

    /// Makes the customer's user with a policy, and returns a key of it.
    pub(crate) fn user(&self, name: &str, policy: &str) -> Key {
        wait(async {
            let iam = self.iam();
            let tag = aws_sdk_iam::types::Tag::builder();
            let tag = tag.key("rolecall:installation").value("byoc");
            let create = iam.create_user().user_name(name);
            create.tags(tag.build().unwrap()).send().await.unwrap();
            let made = iam.create_policy().policy_name(format!("{name}-eks"));
            let made = made.policy_document(policy).send().await.unwrap();
            let attach = iam.attach_user_policy().user_name(name);
            let arn = made.policy.unwrap().arn.unwrap();
            attach.policy_arn(arn).send().await.unwrap();
        });
        self.key(name)
    }

    /// Makes one more key of a user.
    pub(crate) fn key(&self, name: &str) -> Key {
        let key = wait(self.iam().create_access_key().user_name(name).send());
        let key = key.unwrap().access_key.unwrap();
        self.hide(&key.secret_access_key);
        Key {
            id: key.access_key_id,
            secret: key.secret_access_key,
        }
    }

    /// Gives the user's policy another text.
    pub(crate) fn change_policy(&self, name: &str, policy: &str) {
        let arn = format!("arn:aws:iam::{ACCOUNT}:policy/{name}-eks");
        let iam = self.iam();
        let version = iam.create_policy_version().policy_arn(arn);
        let version = version.policy_document(policy).set_as_default(true);
        wait(version.send()).unwrap();
    }

    /// Returns the ids of a user's keys, with whether each is active.
    pub(crate) fn keys_of(&self, name: &str) -> Vec<(String, bool)> {
        let keys = wait(self.iam().list_access_keys().user_name(name).send());
        let active = aws_sdk_iam::types::StatusType::Active;
        let keys = keys.unwrap().access_key_metadata;
        keys.into_iter()
            .map(|it| (it.access_key_id.unwrap(), it.status == Some(active.clone())))
            .collect()
    }

    pub(crate) fn hide(&self, secret: &str) {
        self.secrets.lock().unwrap().push(secret.to_owned());
    }

    /// Adds a profile to the shared credentials file.
    pub(crate) fn write_profile(&self, name: &str, key: &Key) {
        let file = self.folder.path().join("credentials");
        let mut text = std::fs::read_to_string(&file).unwrap_or_default();
        text.push_str(&format!(
            "[{name}]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            key.id, key.secret
        ));
        std::fs::write(file, text).unwrap();
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    /// Returns the binary with these arguments after `credential`.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
        command
            .env_clear()
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL", self.double.endpoint())
            .env("AWS_CONFIG_FILE", self.folder.path().join("config"))
            .env(
                "AWS_SHARED_CREDENTIALS_FILE",
                self.folder.path().join("credentials"),
            )
            .env("HOME", self.folder.path())
            .env("USER", "a-test")
            .env("ROLECALL_STORE", self.store())
            .env("ROLECALL_KEY", STORE_KEY)
            .arg("credential")
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        let output = self.command(args).output().unwrap();
        self.ended(&output)
    }

    /// Runs it and kills it at a call: before the call takes effect, or after.
    #[track_caller]
    pub(crate) fn kill_at(&self, args: &[&str], call: &str, number: usize, is_before: bool) {
        self.kill(self.command(args), call, number, is_before);
    }

    /// The same before a call, with a file on standard input.
    #[track_caller]
    pub(crate) fn kill_fed(&self, args: &[&str], file: &Path, call: &str, number: usize) {
        let mut command = self.command(args);
        command.stdin(std::fs::File::open(file).unwrap());
        self.kill(command, call, number, true);
    }

    #[track_caller]
    fn kill(&self, mut command: Command, call: &str, number: usize, is_before: bool) {
        let victim = Victim::default();
        let hook = kill(&victim);
        let fault = match is_before {
            true => Fault::RunBefore(hook),
            false => Fault::RunAfter(hook),
        };
        self.double.fault(call, Which::Nth(number), fault);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        *victim.lock().unwrap() = Some(command.spawn().unwrap());
        let status = loop {
            let status = victim.lock().unwrap().as_mut().unwrap().try_wait().unwrap();
            match status {
                Some(status) => break status,
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        assert_eq!(status.code(), None, "{call} {number}: it was not killed");
        self.calm();
        self.search_files();
    }

    /// Runs it with this on standard input.
    pub(crate) fn pipe(&self, args: &[&str], input: &str) -> Ended {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        // Who refuses before reading closes the pipe.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        let output = child.wait_with_output().unwrap();
        self.ended(&output)
    }

    pub(crate) fn ended(&self, output: &Output) -> Ended {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let ended = Ended {
            code: output.status.code(),
            out: text(&output.stdout),
            errors: text(&output.stderr),
        };
        for secret in self.secrets.lock().unwrap().iter() {
            for stream in [&ended.out, &ended.errors] {
                assert!(!stream.contains(secret), "a secret is shown: {stream}");
            }
        }
        self.search_files();
        ended
    }

    /// Nothing that the store writes may hold a secret.
    fn search_files(&self) {
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if !name.starts_with("store.db") {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            for secret in self.secrets.lock().unwrap().iter() {
                let found = bytes
                    .windows(secret.len())
                    .any(|it| it == secret.as_bytes());
                assert!(!found, "{} holds a secret", path.display());
            }
        }
    }

    /// Adds the credential `main` of a key.
    pub(crate) fn add(&self, key: &Key, more: &[&str]) -> Ended {
        let mut args = vec![
            "add",
            "main",
            "--for",
            "mengi/eks",
            "--access-key-id",
            &key.id,
        ];
        args.extend(["--region", "eu-central-1"]);
        args.extend(more);
        self.pipe(&args, &format!("{}\n", key.secret))
    }

    /// Returns whether the store holds any credential.
    pub(crate) fn kept_anything(&self) -> bool {
        if !self.store().exists() {
            return false;
        }
        let listed = self.run(&["list", "--format", "json"]).expect(0).json();
        listed["credentials"] != serde_json::json!([])
    }

    /// Returns the credential `main`.
    pub(crate) fn kept(&self) -> Value {
        self.run(&["show", "main", "--format", "json"])
            .expect(0)
            .json()["credential"]
            .take()
    }
}

/// Returns what `aws iam create-access-key` prints.
pub(crate) fn printed(key: &Key) -> String {
    serde_json::json!({"AccessKey": {
        "UserName": USER,
        "AccessKeyId": key.id,
        "Status": "Active",
        "SecretAccessKey": key.secret,
        "CreateDate": "2026-11-29T00:00:00Z",
    }})
    .to_string()
}

/// The policy that the vendor publishes, with the reads that a preflight makes, without these
/// actions.
pub(crate) fn policy(without: &[&str]) -> String {
    let text = std::fs::read_to_string("policies/mengi/eks/policy.json").unwrap();
    let mut policy: Value = serde_json::from_str(&text).unwrap();
    let statements = policy["Statement"].as_array_mut().unwrap();
    for statement in statements.iter_mut() {
        if let Some(actions) = statement["Action"].as_array_mut() {
            actions.retain(|it| !without.contains(&it.as_str().unwrap()));
        }
    }
    statements.push(serde_json::json!({
        "Effect": "Allow",
        "Action": [
            "iam:GetUser",
            "iam:ListUserPolicies",
            "iam:GetUserPolicy",
            "iam:ListAttachedUserPolicies",
            "iam:ListGroupsForUser",
        ],
        "Resource": "*",
    }));
    policy.to_string()
}
