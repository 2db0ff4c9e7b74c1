//! `rolecall credential`: the life of the credential by which a vendor enters a customer's account.
//!
//! The flags are here, and exist in every build; what each subcommand does has a file of its own.
//! The joints are here too: `store` keeps, `aws` asks, `preflight` judges, and none of them knows
//! the others.
//!
//! INVARIANT: a secret comes in by standard input or the environment and goes into the store; it is
//! never taken as an argument and never printed.

#[cfg(feature = "aws")]
mod add;
#[cfg(feature = "aws")]
mod administrator;
#[cfg(feature = "aws")]
mod clusters;
#[cfg(feature = "aws")]
mod judge;
#[cfg(feature = "aws")]
mod key_service;
#[cfg(feature = "aws")]
mod look;
#[cfg(feature = "aws")]
mod reach;
#[cfg(feature = "aws")]
mod revoke;
#[cfg(feature = "aws")]
mod rewrap;
#[cfg(feature = "aws")]
mod rotate;
#[cfg(feature = "aws")]
pub(super) mod secret;
#[cfg(feature = "aws")]
pub(super) mod stop;
#[cfg(feature = "aws")]
mod validate;
#[cfg(feature = "aws")]
pub(super) mod vault;

use std::io::Write as _;

use clap::{Args, Subcommand, ValueEnum};

use super::live::LiveArgs;
use super::preflight::AskedArgs;

/// Keep the credentials by which a vendor enters customers' accounts, encrypted and checked.
#[derive(Debug, Args)]
pub struct CredentialArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(Box<AddArgs>),
    List(ListArgs),
    Show(ShowArgs),
    Validate(Box<ValidateArgs>),
    Rotate(Box<RotateArgs>),
    Revoke(Box<RevokeArgs>),
    Remove(RemoveArgs),
    NewKey(NewKeyArgs),
    Rewrap(Box<RewrapArgs>),
}

/// Where credentials are kept, and whose.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Store")]
pub(super) struct StoreArgs {
    /// The store's file [env: ROLECALL_STORE] [default: in the user's data directory].
    #[arg(long, value_name = "FILE")]
    pub(super) store: Option<String>,
    /// Whose credentials these are: a tenant sees its own only.
    #[arg(long, value_name = "ID", default_value = "default")]
    pub(super) tenant: String,
}

/// The key that wraps the keys of secrets. There is no default.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Key")]
pub(super) struct KeyArgs {
    /// A key file, as `rolecall credential new-key FILE` makes it [env: ROLECALL_KEY_FILE; the key
    /// itself: ROLECALL_KEY].
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<String>,
    /// A command of the shell that prints the key: of age, pass or systemd-creds.
    #[arg(long, value_name = "COMMAND", conflicts_with = "key_file")]
    pub(super) key_command: Option<String>,
    /// The id, ARN or alias of a symmetric AWS KMS key.
    #[arg(long, value_name = "ID", conflicts_with_all = ["key_file", "key_command"])]
    pub(super) key_kms: Option<String>,
    /// The profile of the shared configuration files that may use the KMS key.
    #[arg(long, value_name = "NAME", requires = "key_kms")]
    pub(super) kms_profile: Option<String>,
    /// Older key files, which some secrets may still need.
    #[arg(long, value_name = "FILE", num_args = 1)]
    pub(super) old_key_file: Vec<String>,
}

/// A new access key. Its secret never stands among the arguments, where every process sees it.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Access key")]
pub(super) struct NewSecretArgs {
    /// The id of the access key; the secret comes by standard input or
    /// ROLECALL_SECRET_ACCESS_KEY. Standard input also takes what `aws iam create-access-key`
    /// prints, or the console's CSV file, which have the id in them.
    #[arg(long, value_name = "ID")]
    pub(super) access_key_id: Option<String>,
    /// Takes what others would give here, to refuse it without repeating it.
    #[arg(long, hide = true, value_name = "NEVER", num_args = 0..=1)]
    secret_access_key: Option<Option<String>>,
    /// How many seconds to wait until AWS knows a key that was just made.
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    pub(super) wait: u64,
}

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    #[default]
    Text,
    Json,
}

const CODES: &str = "Exit codes: 0 done, and the credential is Ready; 1 a required requirement is \
                     not met, or clusters are in the way; 2 wrong use, or the credential cannot be \
                     used; 3 something could not be found out.";

/// Check a credential, and keep it if it can do what the vendor needs.
#[derive(Debug, Args)]
#[command(after_help = CODES)]
struct AddArgs {
    /// Its name, such as `aws-byoc`.
    #[arg(value_name = "NAME")]
    name: String,
    /// What the vendor needs: VENDOR/PROFILE (`rolecall profiles` lists them), or a profile.toml.
    #[arg(long = "for", value_name = "PROFILE")]
    profile: String,
    #[command(flatten)]
    asked: AskedArgs,
    /// Keep it even so: as Invalid where a requirement is not met, as Pending Validation where that
    /// is not known.
    #[arg(long)]
    save_anyway: bool,
    /// The role to assume, instead of an access key.
    #[arg(
        long,
        value_name = "ARN",
        conflicts_with = "access_key_id",
        requires = "external_id"
    )]
    role: Option<String>,
    /// The external ID that the role's trust policy asks for.
    #[arg(long, value_name = "ID", requires = "role")]
    external_id: Option<String>,
    #[command(flatten)]
    asking: AskingArgs,
    #[command(flatten)]
    secret: NewSecretArgs,
}

/// List the credentials of a tenant.
#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Show a credential and what has happened to it.
#[derive(Debug, Args)]
struct ShowArgs {
    /// Its name.
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    store: StoreArgs,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What every subcommand needs that uses a kept credential.
#[derive(Clone, Debug, Args)]
struct AskingArgs {
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    live: LiveArgs,
}

/// How a kept credential is asked again; what is asked is kept with it.
#[derive(Clone, Debug, Args)]
struct ReadingArgs {
    /// Read the policies with this profile of the shared files: an administrator's.
    #[arg(long, value_name = "NAME")]
    reader_profile: Option<String>,
    /// A snapshot with the organization's policies, by its administrator.
    #[arg(long, value_name = "FILE")]
    organization_snapshot: Option<String>,
    /// Vouch for it that no policy of an organization binds the account; the report says that you do.
    #[arg(long, conflicts_with = "organization_snapshot")]
    no_organization: bool,
    /// Send no probes.
    #[arg(long, conflicts_with = "probe_writes")]
    no_probe: bool,
    /// Send also probes that are no reads: they cannot succeed either.
    #[arg(long)]
    probe_writes: bool,
    /// Use the catalog in the binary, not an updated one.
    #[arg(long)]
    builtin_catalog: bool,
}

#[cfg(feature = "aws")]
impl ReadingArgs {
    /// Returns the same as what `preflight` is asked with.
    fn asked(&self) -> AskedArgs {
        AskedArgs {
            reader_profile: self.reader_profile.clone(),
            organization_snapshot: self.organization_snapshot.clone(),
            no_organization: self.no_organization,
            no_probe: self.no_probe,
            probe_writes: self.probe_writes,
            builtin_catalog: self.builtin_catalog,
            ..AskedArgs::default()
        }
    }
}

/// Check a kept credential again.
#[derive(Debug, Args)]
#[command(after_help = CODES)]
struct ValidateArgs {
    /// Its name.
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    asking: AskingArgs,
}

/// Put a second access key in place of the one in use. Run it again to go on.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 done; 1 the second key is refused; 2 wrong use, or a credential \
                  cannot be used; 3 something could not be found out; 4 the new key is in use, and \
                  the old one still works: the commands that end this are printed."
)]
struct RotateArgs {
    /// The credential's name.
    #[arg(value_name = "NAME")]
    name: String,
    /// An administrator's profile of the shared configuration files, which makes the new key and
    /// deactivates and deletes the old one. Without it the commands for that are printed.
    #[arg(long, value_name = "NAME")]
    admin_profile: Option<String>,
    /// Use the new key even where a requirement is not met.
    #[arg(long)]
    save_anyway: bool,
    /// Forget the second key, as long as it is not in use.
    #[arg(long, conflicts_with_all = ["access_key_id", "admin_profile", "save_anyway"])]
    abandon: bool,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    asking: AskingArgs,
    #[command(flatten)]
    secret: NewSecretArgs,
}

/// Give a credential up for good, unless clusters still need it.
#[derive(Debug, Args)]
#[command(after_help = CODES)]
struct RevokeArgs {
    /// The credential's name.
    #[arg(value_name = "NAME")]
    name: String,
    /// An administrator's profile of the shared configuration files, which looks for clusters and
    /// deletes the access keys. Without it the commands for that are printed.
    #[arg(long, value_name = "NAME")]
    admin_profile: Option<String>,
    /// Do it even if clusters are left behind that nobody can remove with it any more.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    asking: AskingArgs,
}

/// Remove a credential that is Revoked or Invalid from the store.
#[derive(Debug, Args)]
struct RemoveArgs {
    /// The credential's name.
    #[arg(value_name = "NAME")]
    name: String,
    /// Remove it whatever its state. Its access key stays valid at AWS.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    store: StoreArgs,
}

/// Make a key file for the store, readable by its owner alone.
#[derive(Debug, Args)]
struct NewKeyArgs {
    /// The file, which must not be there yet.
    #[arg(value_name = "FILE")]
    file: String,
}

/// Wrap every secret with the key given instead of the older ones, of all tenants.
#[derive(Debug, Args)]
struct RewrapArgs {
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    live: LiveArgs,
}

/// Runs the subcommand and returns the exit code.
#[must_use]
pub fn run(args: &CredentialArgs) -> u8 {
    let (message, code) = match dispatch(&args.command) {
        Ok(code) => return code,
        Err(stop) => stop,
    };
    let message = super::input::lines_visible(&message);
    let _ = writeln!(anstream::stderr(), "error: {message}");
    code
}

#[cfg(not(feature = "aws"))]
fn dispatch(_: &Command) -> Result<u8, (String, u8)> {
    Err((super::live::without_aws("credential"), 2))
}

#[cfg(feature = "aws")]
fn dispatch(command: &Command) -> Result<u8, (String, u8)> {
    let code = match command {
        Command::Add(args) => add::run(args),
        Command::List(args) => look::list(args),
        Command::Show(args) => look::show(args),
        Command::Validate(args) => validate::run(args),
        Command::Rotate(args) => rotate::run(args),
        Command::Revoke(args) => revoke::run(args),
        Command::Remove(args) => revoke::remove(args),
        Command::NewKey(args) => vault::new_key(args),
        Command::Rewrap(args) => rewrap::run(args),
    };
    code.map_err(|stop| (stop.message, stop.code))
}
