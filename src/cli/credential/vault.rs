//! Opens the store, and finds the key that wraps its secrets.
//!
//! There is no default key: who gives none is told how to make one. What is wrapped by a key that
//! somebody invented in passing would be lost with it.
#![expect(
    clippy::disallowed_methods,
    reason = "this is `cli`, which sees the environment, makes folders and runs what the user names"
)]

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use etcetera::BaseStrategy as _;
use zeroize::Zeroizing;

use super::key_service::ServiceKey;
use super::stop::Stop;
use super::{KeyArgs, NewKeyArgs, StoreArgs};
use crate::cli::check::print_text;
use crate::cli::live::{As, LiveArgs};
use crate::store::key::{Keyring, LocalKey, WrappingKey, create_key_file};
use crate::store::{Stamp, Store};

const NO_KEY: &str = "no key was given: secrets are kept encrypted, and there is no default key\n\
    help: make one with `rolecall credential new-key FILE`, keep it apart from the store, and name \
    it with `--key-file FILE` or ROLECALL_KEY_FILE; or use ROLECALL_KEY, `--key-command` or \
    `--key-kms`";

/// More than any key's text.
const MAX_KEY_BYTES: u64 = 1024;

/// Opens a store that must be there.
pub(in crate::cli) fn open(args: &StoreArgs) -> Result<Store, Stop> {
    let path = path(args)?;
    if !path.exists() {
        return Err(Stop::wrong_use(format!(
            "there is no store at {}\nhelp: `rolecall credential add` makes it; `--store FILE` or \
             ROLECALL_STORE name another one",
            path.display()
        )));
    }
    Ok(Store::open(&path)?)
}

/// Opens the store if it is there.
pub(in crate::cli) fn open_if_there(args: &StoreArgs) -> Result<Option<Store>, Stop> {
    let path = path(args)?;
    match path.exists() {
        true => Ok(Some(Store::open(&path)?)),
        false => Ok(None),
    }
}

/// Opens the store, which is made if there is none; in the user's data directory with its folder.
pub(in crate::cli) fn open_or_make(args: &StoreArgs) -> Result<Store, Stop> {
    let path = path(args)?;
    if let (None, Some(folder)) = (named(args), path.parent()) {
        make_folder(folder)
            .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    }
    Ok(Store::open(&path)?)
}

/// Returns the store's file.
pub(in crate::cli) fn path(args: &StoreArgs) -> Result<PathBuf, Stop> {
    if let Some(path) = named(args) {
        return Ok(path);
    }
    let strategy = etcetera::choose_base_strategy().map_err(|error| {
        format!(
            "there is no data directory for this user: {error}\nhelp: name it with `--store FILE`"
        )
    })?;
    Ok(strategy.data_dir().join("rolecall").join("credentials.db"))
}

fn named(args: &StoreArgs) -> Option<PathBuf> {
    let from_environment = || std::env::var_os("ROLECALL_STORE").filter(|it| !it.is_empty());
    let flag = args.store.as_ref().map(PathBuf::from);
    flag.or_else(|| from_environment().map(PathBuf::from))
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).create(folder)
}

/// Returns the keys that were given: the active one, and older ones.
pub(in crate::cli) fn keyring(args: &KeyArgs, live: &LiveArgs) -> Result<Keyring, Stop> {
    let active = active_key(args, live)?;
    let mut older: Vec<Box<dyn WrappingKey>> = Vec::new();
    for file in &args.old_key_file {
        older.push(Box::new(LocalKey::from_file(Path::new(file))?));
    }
    Ok(Keyring::new(active, older)?)
}

fn active_key(args: &KeyArgs, live: &LiveArgs) -> Result<Box<dyn WrappingKey>, Stop> {
    if let Some(file) = &args.key_file {
        return Ok(Box::new(LocalKey::from_file(Path::new(file))?));
    }
    if let Some(command) = &args.key_command {
        return Ok(Box::new(printed_key(command)?));
    }
    if let Some(id) = &args.key_kms {
        let connection = match &args.kms_profile {
            Some(profile) => live.connect_as(As::Profile(profile))?,
            None => live.connect()?,
        };
        return Ok(Box::new(ServiceKey::new(id, connection)));
    }
    let file = std::env::var_os("ROLECALL_KEY_FILE").filter(|it| !it.is_empty());
    if let Some(file) = file {
        return Ok(Box::new(LocalKey::from_file(Path::new(&file))?));
    }
    match std::env::var("ROLECALL_KEY").map(Zeroizing::new) {
        Ok(text) if !text.is_empty() => Ok(Box::new(LocalKey::from_text(&text, "ROLECALL_KEY")?)),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Stop::wrong_use("ROLECALL_KEY holds no key: it is no text"))
        }
        _ => Err(Stop::wrong_use(NO_KEY)),
    }
}

/// Runs what the user named and reads the key that it prints. What it prints beside the key is the
/// user's to see; the key itself is not.
fn printed_key(command: &str) -> Result<LocalKey, Stop> {
    let failed = |what: String| Stop::wrong_use(format!("`--key-command` gave no key: {what}"));
    let mut child = shell(command)
        // Of no use to it, and it may print or keep what it is given.
        .env_remove("ROLECALL_SECRET_ACCESS_KEY")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let mut text = Zeroizing::new(String::with_capacity(
        usize::try_from(MAX_KEY_BYTES).unwrap_or_default(),
    ));
    let read = match child.stdout.take() {
        Some(out) => out.take(MAX_KEY_BYTES).read_to_string(&mut text),
        None => Ok(0),
    };
    let status = child.wait().map_err(|error| failed(error.to_string()))?;
    if !status.success() {
        return Err(failed(format!("it ended with {status}")));
    }
    read.map_err(|_| failed("what it prints is no text".to_owned()))?;
    Ok(LocalKey::from_text(&text, "what `--key-command` prints")?)
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.args(["/C", command]);
    shell
}

/// Makes a key file.
pub(super) fn new_key(args: &NewKeyArgs) -> Result<u8, Stop> {
    create_key_file(Path::new(&args.file))?;
    print_text(&format!(
        "made the key {file}, readable by you alone\n\
         keep a copy apart from the store: without it no secret in the store can be read again\n\
         use it with `--key-file {file}`, or set ROLECALL_KEY_FILE\n",
        file = args.file
    ));
    Ok(0)
}

/// Returns who acts, and when.
pub(in crate::cli) fn stamp() -> Stamp {
    let names = ["USER", "LOGNAME", "USERNAME"];
    let mut names = names.iter().filter_map(|it| std::env::var(it).ok());
    let by = names.find(|it| !it.is_empty() && !it.chars().any(char::is_control));
    Stamp {
        at: jiff::Timestamp::now(),
        by: by.unwrap_or_else(|| "somebody".to_owned()),
    }
}
