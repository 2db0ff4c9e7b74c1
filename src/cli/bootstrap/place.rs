//! Where a bootstrap keeps its journal, and where the secret of a new access key goes.

use clap::Args;

/// Where the secret of a new access key goes. It is never printed.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Secret of a new access key")]
pub(super) struct SecretArgs {
    /// Keep it in the store, as a credential of this name.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["secret_to", "secret_file"])]
    credential: Option<String>,
    /// Encrypt it to this public key of age, and print only that.
    #[arg(long, value_name = "AGE1…", conflicts_with = "secret_file")]
    secret_to: Option<String>,
    /// Write it into this new file, readable by its owner alone: the one plain copy.
    #[arg(long, value_name = "NEWFILE")]
    secret_file: Option<String>,
}

/// Where credentials are kept, and whose.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Store")]
struct StoreArgs {
    /// The store's file [env: ROLECALL_STORE] [default: in the user's data directory].
    #[arg(long, value_name = "FILE")]
    store: Option<String>,
    /// Whose credentials these are: a tenant sees its own only.
    #[arg(long, value_name = "ID", default_value = "default")]
    tenant: String,
}

/// The key that wraps the keys of secrets. There is no default.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Key")]
struct KeyArgs {
    /// A key file, which its owner alone may read.
    #[arg(long, value_name = "FILE")]
    key_file: Option<String>,
}

/// Where the journal is kept.
#[derive(Clone, Debug, Args)]
pub(super) struct PlaceArgs {
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    key: KeyArgs,
    /// How long what a lost answer may have left is looked for before it is made again.
    #[arg(long, hide = true, value_name = "SECONDS", default_value_t = 30)]
    patience: u64,
    /// The first of the growing pauses before a call is made again.
    #[arg(long, hide = true, value_name = "MILLISECONDS", default_value_t = 1000)]
    pause: u64,
}

#[cfg(feature = "aws")]
mod vault {
    use std::path::{Path, PathBuf};

    use super::{KeyArgs, StoreArgs};
    use crate::store::key::{Keyring, LocalKey};

    pub(super) fn path(args: &StoreArgs) -> Result<PathBuf, String> {
        let path = args
            .store
            .as_ref()
            .ok_or("name the store with `--store FILE`")?;
        Ok(PathBuf::from(path))
    }

    pub(super) fn keyring(args: &KeyArgs) -> Result<Keyring, String> {
        let file = args
            .key_file
            .as_ref()
            .ok_or("name the key with `--key-file FILE`")?;
        let key = LocalKey::from_file(Path::new(file)).map_err(|it| it.to_string())?;
        Keyring::new(Box::new(key), Vec::new()).map_err(|it| it.to_string())
    }
}

#[cfg(feature = "aws")]
mod connected {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::{PlaceArgs, SecretArgs, vault};
    use crate::arn::Arn;
    use crate::plan::{Plan, What};
    use crate::provision::{Clock, Limits};
    use crate::store::journal::{Journal, SecretTo, recipient};

    impl SecretArgs {
        /// Whether nothing was said.
        pub(in crate::cli::bootstrap) const fn is_empty(&self) -> bool {
            self.credential.is_none() && self.secret_to.is_none() && self.secret_file.is_none()
        }

        /// Returns where the secret goes; what is wrong with that is said before anything is made.
        pub(in crate::cli::bootstrap) fn secret_to(
            &self,
            plan: &Plan,
            place: &PlaceArgs,
        ) -> Result<SecretTo, String> {
            if let Some(text) = &self.secret_to {
                return Ok(SecretTo::Recipient(
                    recipient(text).map_err(|it| it.to_string())?,
                ));
            }
            if let Some(file) = &self.secret_file {
                return Ok(SecretTo::File(PathBuf::from(file)));
            }
            let Some(name) = &self.credential else {
                return Ok(SecretTo::Nowhere);
            };
            let part = plan.parts.first().cloned().unwrap_or_default();
            Ok(SecretTo::Store {
                keyring: vault::keyring(&place.key)?,
                tenant: place.store.tenant.clone(),
                name: name.clone(),
                region: None,
                profile: Some(part.profile.clone()),
            })
        }

        /// Says where the secret is.
        pub(in crate::cli::bootstrap) fn words(&self, place: &PlaceArgs) -> String {
            if self.secret_to.is_some() {
                return ": its secret, encrypted to the recipient".to_owned();
            }
            if let Some(file) = &self.secret_file {
                return format!(": its secret is in {file}, the one plain copy");
            }
            let Some(name) = &self.credential else {
                return String::new();
            };
            let tenant = &place.store.tenant;
            format!(": its secret is in the store, as the credential `{name}` of `{tenant}`")
        }
    }

    impl PlaceArgs {
        /// Takes the journal of a plan's bootstrap.
        pub(in crate::cli::bootstrap) fn open(
            &self,
            plan: &Plan,
            to: SecretTo,
        ) -> Result<Journal, String> {
            let path = vault::path(&self.store)?;
            let journal = Journal::open(&path, &bootstrap_of(plan), "rolecall bootstrap", to);
            journal.map_err(|it| it.to_string())
        }

        /// Takes the journal of a bootstrap that has one.
        pub(in crate::cli::bootstrap) fn open_existing(
            &self,
            plan: &Plan,
            to: SecretTo,
        ) -> Result<Journal, String> {
            let path = vault::path(&self.store)?;
            if path.exists() {
                return self.open(plan, to);
            }
            Err(format!(
                "there is no journal at {}\nhelp: name the store that the plan was applied with, by \
                 `--store FILE` or ROLECALL_STORE",
                path.display()
            ))
        }

        pub(in crate::cli::bootstrap) fn limits(&self) -> Limits {
            Limits {
                patience: Duration::from_secs(self.patience),
                pause: Duration::from_millis(self.pause),
                ..Limits::default()
            }
        }
    }

    /// Returns the name of a bootstrap in the journal: one name may be used in many accounts.
    fn bootstrap_of(plan: &Plan) -> String {
        let mut objects = plan.objects.iter();
        let member = objects.find_map(|it| match &it.what {
            What::Account(account) => Some(account),
            _ => None,
        });
        let place = match (member, &plan.account) {
            (Some(member), _) => {
                let organization = Arn::parse(&plan.by).map_or("", |it| it.account);
                format!("{organization}/{}", member.email.to_ascii_lowercase())
            }
            (None, Some(account)) => account.clone(),
            (None, None) => String::new(),
        };
        format!("{}/{place}/{}", plan.partition, plan.installation)
    }

    /// The machine's clock.
    pub(in crate::cli::bootstrap) struct WallClock;

    impl Clock for WallClock {
        fn now(&self) -> i64 {
            jiff::Timestamp::now().as_second()
        }

        fn sleep(&mut self, time: Duration) {
            std::thread::sleep(time);
        }
    }
}

#[cfg(feature = "aws")]
pub(super) use connected::WallClock;
