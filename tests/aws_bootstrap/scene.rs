//! A customer's administrator with a folder: plans, applies, removes, and looks at what is there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use aws_sdk_iam::Client;
use rolecall::catalog::Catalog;
use rolecall::generate;
use rolecall::plan::{self, ACCOUNT_TO_COME, Account, Plan};
use rolecall::profile::{Profile, Settings};
use tempfile::TempDir;

use super::client::{config, wait};
use super::double::{ACCOUNT, Double, Key, Victim};

/// Which access is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Model {
    /// A user with an access key.
    Mengi,
    /// Two roles that the vendor assumes.
    StreamNative,
}

impl Model {
    pub(crate) const ALL: [Self; 2] = [Self::Mengi, Self::StreamNative];

    fn profiles(self) -> &'static [&'static str] {
        match self {
            Self::Mengi => &["mengi/eks"],
            Self::StreamNative => &["streamnative/bootstrap", "streamnative/management"],
        }
    }
}

/// A plan of a model whose gate nobody has asked.
fn unproven(model: Model, member: Option<&Account>) -> Plan {
    let variable = |(name, value): (&str, &str)| (name.to_owned(), vec![value.to_owned()]);
    let variables = [
        (
            "account",
            if member.is_some() {
                ACCOUNT_TO_COME
            } else {
                ACCOUNT
            },
        ),
        ("partition", "aws"),
        ("external-id", "b4d0a7f1-3c55-4a7c-9a43-1a2b3c4d5e6f"),
    ];
    let made = model.profiles().iter().map(|name| {
        let text = rolecall::profile::shipped(name).unwrap().text;
        let profile = Profile::parse(name, text).unwrap();
        let known = variables
            .iter()
            .filter(|(name, _)| profile.variable(name).is_some());
        let settings = Settings {
            variables: known.copied().map(variable).collect(),
            ..Settings::default()
        };
        let order = generate::Order {
            profile: &profile,
            settings: &settings,
            split: generate::Split::None,
            scps: &[],
            catalog: Catalog::builtin(),
        };
        (generate::bundle(&order).unwrap(), settings)
    });
    let made: Vec<_> = made.collect();
    let accesses: Vec<_> = made
        .iter()
        .map(|(bundle, settings)| plan::Access { bundle, settings })
        .collect();
    let order = plan::Order {
        installation: "customer-1",
        partition: "aws",
        account: Some(ACCOUNT).filter(|_| member.is_none()),
        member,
        made: "2026-11-29T08:00:00Z",
        by: &arn("user/admin"),
    };
    let mut plan = plan::make(&accesses, &order).unwrap();
    // Without a profile nobody judges it: that takes far longer than making it.
    plan.parts.clear();
    plan
}

/// A folder with everything that outlives a run.
pub(crate) struct Scene<'d> {
    double: &'d Double,
    folder: TempDir,
    model: Model,
    /// Everything that any run has written to its outputs.
    pub(crate) said: String,
    /// More flags of `apply`.
    pub(crate) flags: Vec<String>,
}

pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) errors: String,
}

impl<'d> Scene<'d> {
    pub(crate) fn new(double: &'d Double, model: Model) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = Self {
            double,
            folder,
            model,
            said: String::new(),
            flags: vec!["--no-check".to_owned()],
        };
        if model == Model::Mengi {
            rolecall::store::key::create_key_file(&scene.path("key")).unwrap();
            let key = scene.path("key").display().to_string();
            let flags = ["--credential", "cloud", "--key-file", &key];
            scene.flags.extend(flags.map(str::to_owned));
        }
        scene
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns a command of the administrator.
    pub(crate) fn command(&self, key: &Key, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
        command
            .env_clear()
            .env("AWS_ACCESS_KEY_ID", &key.id)
            .env("AWS_SECRET_ACCESS_KEY", &key.secret)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL", self.double.endpoint())
            .env("HOME", self.folder.path())
            .stdin(Stdio::null())
            .current_dir(self.folder.path())
            .arg("bootstrap")
            .args(args);
        command
    }

    fn ended(&mut self, output: &Output) -> Ended {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let ended = Ended {
            code: output.status.code(),
            out: text(&output.stdout),
            errors: text(&output.stderr),
        };
        self.said.push_str(&ended.out);
        self.said.push_str(&ended.errors);
        ended
    }

    fn run(&mut self, args: &[&str]) -> Ended {
        let key = self.double.admin();
        let output = self.command(&key, args).output().unwrap();
        self.ended(&output)
    }

    /// Puts a plan into the folder, made past the command line and its proofs, which take a while.
    pub(crate) fn plan(&mut self) {
        let text = rolecall::store::plan::write(&unproven(self.model, None));
        std::fs::write(self.path("plan.json"), text).unwrap();
    }

    /// The same in a member account that is made first.
    pub(crate) fn plan_with_account(&mut self) {
        let member = Account {
            name: "byoc".to_owned(),
            email: "byoc@example.com".to_owned(),
            role: "OrganizationAccountAccessRole".to_owned(),
            id: None,
        };
        let text = rolecall::store::plan::write(&unproven(self.model, Some(&member)));
        std::fs::write(self.path("plan.json"), text).unwrap();
    }

    /// Removes, and closes the account of this id.
    pub(crate) fn close(&mut self, id: &str) -> Ended {
        let args = ["destroy", "--plan", "plan.json", "--store", "store.db"];
        self.run(&[&args[..], &["--close-account", id]].concat())
    }

    /// Plans as an administrator does.
    pub(crate) fn plan_by_command(&mut self) -> Ended {
        let mut args = vec!["plan", "--out", "plan.json", "--no-documents"];
        args.extend(self.model.profiles().iter().flat_map(|it| ["--for", it]));
        self.run(&args)
    }

    pub(crate) fn apply_args(&self) -> Vec<String> {
        let mut args = ["apply", "--plan", "plan.json", "--store", "store.db"]
            .map(str::to_owned)
            .to_vec();
        args.extend(["--patience", "1", "--pause", "20"].map(str::to_owned));
        args.extend(self.flags.iter().cloned());
        args
    }

    pub(crate) fn apply(&mut self) -> Ended {
        let args = self.apply_args();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        self.run(&args)
    }

    /// Applies in a child process that a fault may kill.
    pub(crate) fn apply_as_victim(&mut self, victim: &Victim) {
        let args = self.apply_args();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let key = self.double.admin();
        let mut command = self.command(&key, &args);
        let out = std::fs::File::create(self.path("out")).unwrap();
        command.stdout(out.try_clone().unwrap()).stderr(out);
        let child = command.spawn().unwrap();
        *victim.lock().unwrap() = Some(child);
        loop {
            let mut held = victim.lock().unwrap();
            match held.as_mut().unwrap().try_wait() {
                Ok(None) => {}
                _ => break,
            }
            drop(held);
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let said = std::fs::read_to_string(self.path("out")).unwrap();
        self.said.push_str(&said);
    }

    /// Looks that a key is taken by AWS.
    pub(crate) fn works(&self, id: &str, secret: &str) {
        let config = config(&self.double.endpoint(), id, secret, None);
        let sts = aws_sdk_sts::Client::new(&config);
        let caller = wait(sts.get_caller_identity().send()).unwrap();
        assert!(caller.arn.unwrap().contains(":user/"));
    }

    pub(crate) fn destroy(&mut self) -> Ended {
        self.run(&[
            "destroy",
            "--plan",
            "plan.json",
            "--store",
            "store.db",
            "--pause",
            "20",
        ])
    }

    /// Looks for a secret in every output and every file but the one that may hold it.
    pub(crate) fn holds_no(&self, secret: &str, but: Option<&Path>) {
        assert!(!secret.is_empty());
        assert!(!self.said.contains(secret), "an output shows the secret");
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() || but == Some(&path) {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes
                .windows(secret.len())
                .any(|it| it == secret.as_bytes());
            assert!(!found, "{} holds the secret", path.display());
        }
    }
}

pub(crate) fn iam(double: &Double) -> Client {
    let admin = double.admin();
    Client::new(&config(&double.endpoint(), &admin.id, &admin.secret, None))
}

/// What there is in the account, as text by name: the test reads it past the product.
pub(crate) fn inventory(double: &Double) -> BTreeMap<String, String> {
    double.clear_faults();
    let iam = iam(double);
    let mut found = BTreeMap::new();
    wait(async {
        let users = iam.list_users().send().await.unwrap();
        for user in users.users {
            let name = &user.user_name;
            let got = iam.get_user().user_name(name).send().await.unwrap();
            let got = got.user.unwrap();
            let keys = iam.list_access_keys().user_name(name).send().await.unwrap();
            let attached = iam
                .list_attached_user_policies()
                .user_name(name)
                .send()
                .await
                .unwrap();
            let attached: Vec<_> = attached.attached_policies.unwrap_or_default();
            let text = format!(
                "{:?} {:?} {} keys, {:?}",
                got.permissions_boundary,
                got.tags,
                keys.access_key_metadata.len(),
                attached
                    .iter()
                    .map(|it| it.policy_arn.clone())
                    .collect::<Vec<_>>()
            );
            found.insert(user.arn.clone(), text);
        }
        let roles = iam.list_roles().send().await.unwrap();
        for role in roles.roles {
            let name = &role.role_name;
            let got = iam
                .get_role()
                .role_name(name)
                .send()
                .await
                .unwrap()
                .role
                .unwrap();
            let attached = iam
                .list_attached_role_policies()
                .role_name(name)
                .send()
                .await
                .unwrap();
            let attached: Vec<_> = attached.attached_policies.unwrap_or_default();
            let text = format!(
                "{:?} {:?} {:?} {:?}",
                got.permissions_boundary,
                got.tags,
                got.assume_role_policy_document,
                attached
                    .iter()
                    .map(|it| it.policy_arn.clone())
                    .collect::<Vec<_>>()
            );
            found.insert(role.arn.clone(), text);
        }
        let local = iam
            .list_policies()
            .scope(aws_sdk_iam::types::PolicyScopeType::Local);
        let policies = local.send().await.unwrap();
        for policy in policies.policies.unwrap_or_default() {
            let arn = policy.arn.unwrap();
            let versions = iam
                .list_policy_versions()
                .policy_arn(&arn)
                .send()
                .await
                .unwrap();
            let text = iam.get_policy_version().policy_arn(&arn).version_id("v1");
            let text = text.send().await.unwrap().policy_version.unwrap().document;
            let count = versions.versions.unwrap_or_default().len();
            found.insert(arn, format!("{count} versions, {text:?}"));
        }
    });
    found
}

/// How many access keys there are in the account.
pub(crate) fn keys(double: &Double) -> Vec<String> {
    let iam = iam(double);
    wait(async {
        let mut found = Vec::new();
        for user in iam.list_users().send().await.unwrap().users {
            let keys = iam
                .list_access_keys()
                .user_name(user.user_name)
                .send()
                .await
                .unwrap();
            found.extend(
                keys.access_key_metadata
                    .into_iter()
                    .filter_map(|it| it.access_key_id),
            );
        }
        found
    })
}

/// The ARN of something in the double's account.
pub(crate) fn arn(resource: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{resource}")
}
