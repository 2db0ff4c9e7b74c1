//! The flags by which commands reach AWS, and what a build without its part says.
//!
//! The flags exist in every build, so that help is the same everywhere.

use clap::Args;

/// Which credential and which AWS. Without these flags the standard chain decides: environment,
/// shared configuration files, metadata of containers and instances.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Connection")]
pub(super) struct LiveArgs {
    /// The profile of the shared configuration files [env: AWS_PROFILE].
    #[arg(long, value_name = "NAME")]
    aws_profile: Option<String>,
    /// The region [env: AWS_REGION].
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Ask this server instead of AWS [env: AWS_ENDPOINT_URL].
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
}

#[cfg(feature = "aws")]
mod connected {
    use std::io::IsTerminal as _;
    use std::time::Duration;

    use indicatif::ProgressBar;

    use secrecy::SecretString;

    use super::LiveArgs;
    use crate::aws::{CallError, CollectError, Connection, Where};

    impl LiveArgs {
        /// Returns the connection of another profile of the shared files, or of this key, in the
        /// same place.
        pub(in crate::cli) fn connect_as(&self, who: As<'_>) -> Result<Connection, String> {
            let place = Where {
                profile: match who {
                    As::Profile(name) => Some(name.to_owned()),
                    As::Key(..) => None,
                },
                ..self.place()
            };
            let connection = match who {
                As::Profile(_) => Connection::new(&place),
                As::Key(id, secret) => Connection::with_key(&place, id, secret),
            };
            connection.map_err(|error| format!("no connection can be made: {error}"))
        }

        /// Returns the same in this region, unless `--region` names one.
        pub(in crate::cli) fn in_region(&self, region: Option<&str>) -> Self {
            let named = self.region.clone();
            Self {
                region: named.or_else(|| region.map(str::to_owned)),
                ..self.clone()
            }
        }

        /// Returns what `--region` names.
        pub(in crate::cli) fn named_region(&self) -> Option<&str> {
            self.region.as_deref()
        }

        /// Returns the connection that the flags describe; nothing is asked yet.
        pub(in crate::cli) fn connect(&self) -> Result<Connection, String> {
            Connection::new(&self.place())
                .map_err(|error| format!("no connection can be made: {error}"))
        }

        /// Returns where AWS is, as the flags say it.
        pub(in crate::cli) fn place(&self) -> Where {
            Where {
                profile: self.aws_profile.clone(),
                region: self.region.clone(),
                endpoint: self.endpoint_url.clone(),
            }
        }
    }

    /// Whose connection is made.
    #[derive(Clone, Copy)]
    pub(in crate::cli) enum As<'a> {
        /// A profile of the shared configuration files.
        Profile(&'a str),
        /// An access key: its id and its secret.
        Key(&'a str, &'a SecretString),
    }

    /// Returns an error with what to do about it.
    pub(in crate::cli) fn collect_error(error: &CollectError) -> String {
        match error {
            CollectError::Call(call) => call_error(call),
            other => other.to_string(),
        }
    }

    /// Returns an error with what to do about it.
    pub(in crate::cli) fn call_error(error: &CallError) -> String {
        match error.help() {
            "" => error.to_string(),
            help => format!("{error}\nhelp: {help}"),
        }
    }

    /// A line on standard error, for a terminal, that says what is being read.
    pub(in crate::cli) fn spinner() -> ProgressBar {
        if !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    /// Returns the time, as RFC 3339 writes it, in UTC and whole seconds.
    pub(in crate::cli) fn now() -> String {
        let now = jiff::Timestamp::now();
        let whole = jiff::Timestamp::from_second(now.as_second());
        whole.unwrap_or(now).to_string()
    }
}

#[cfg(feature = "aws")]
pub(super) use connected::{As, call_error, collect_error, now, spinner};

/// Returns what a command says that needs AWS in a build without it.
#[cfg(not(feature = "aws"))]
pub(super) fn without_aws(command: &str) -> String {
    format!(
        "`rolecall {command}` asks AWS, and this build works offline only\nhelp: build it with the \
         AWS part: `cargo build --release --features aws`"
    )
}
