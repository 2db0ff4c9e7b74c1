//! Where a bootstrap keeps its journal, and where the secret of a new access key goes.

use clap::Args;

use crate::cli::credential::{KeyArgs, StoreArgs};

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
mod connected {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::{PlaceArgs, SecretArgs};
    use crate::arn::Arn;
    use crate::cli::credential::vault;
    use crate::cli::live::LiveArgs;
    use crate::plan::{Part, Plan, What};
    use crate::provision::{Clock, Limits};
    use crate::store::Settings;
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
            live: &LiveArgs,
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
                keyring: vault::keyring(&place.key, live).map_err(|it| it.message)?,
                tenant: place.store.tenant.clone(),
                name: name.clone(),
                region: None,
                profile: plan.parts.first().map(|it| it.profile.clone()),
                settings: settings(&part),
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
            // It makes the folder of the user's data, too.
            vault::open_or_make(&self.store).map_err(|it| it.message)?;
            let path = vault::path(&self.store).map_err(|it| it.message)?;
            let journal = Journal::open(&path, &bootstrap_of(plan), &vault::stamp().by, to);
            journal.map_err(|it| it.to_string())
        }

        /// Takes the journal of a bootstrap that has one.
        pub(in crate::cli::bootstrap) fn open_existing(
            &self,
            plan: &Plan,
            to: SecretTo,
        ) -> Result<Journal, String> {
            let path = vault::path(&self.store).map_err(|it| it.message)?;
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

    /// Returns how a profile is set, as a credential keeps it; what its account says by itself is
    /// left out.
    fn settings(part: &Part) -> Settings {
        let own = |name: &str| name == "account" || name == "partition";
        let variables = part.variables.iter().filter(|(name, _)| !own(name));
        let feature = |(name, is_on): &(String, bool)| match is_on {
            true => name.clone(),
            false => format!("no-{name}"),
        };
        Settings {
            variables: variables
                .map(|(name, values)| format!("{name}={}", values.join(",")))
                .collect(),
            features: part.features.iter().map(feature).collect(),
            ..Settings::default()
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
