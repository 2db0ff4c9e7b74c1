//! `rolecall credential rotate`: a second access key takes the first one's place.
//!
//! The order is that of IAM's own advice (IAM User Guide, "Update access keys"): make a second key,
//! use it, deactivate the first one, delete it. Each step is in the store before the next begins, so
//! that the same command goes on wherever it was interrupted.

mod receive;
mod retire;

use super::administrator::{Administrator, Owner};
use super::judge;
use super::look::Outcome;
use super::reach::{self, Met};
use super::stop::Stop;
use super::{RotateArgs, vault};
use crate::account::Caller;
use crate::aws::Connection;
use crate::cli::live::LiveArgs;
use crate::cli::preflight::Examined;
use crate::store::key::Keyring;
use crate::store::{AccessKeyId, Credential, Kind, PendingKey, Step, Store};

/// The exit code of a rotation that waits for somebody.
const PART_WAY: u8 = 4;

/// A rotation under way.
struct Rotation<'a> {
    args: &'a RotateArgs,
    live: LiveArgs,
    store: Store,
    keyring: Keyring,
    credential: Credential,
    owner: Owner,
    administrator: Option<Administrator>,
    examined: Option<Examined>,
    lines: Vec<String>,
}

/// Runs the subcommand.
pub(super) fn run(args: &RotateArgs) -> Result<u8, Stop> {
    args.secret.refuse_argument()?;
    if args.abandon {
        return abandon(args);
    }
    let mut rotation = Rotation::open(args)?;
    let code = rotation.go_on();
    // What was done is said, whatever stopped the rest.
    rotation.print();
    code
}

impl<'a> Rotation<'a> {
    fn open(args: &'a RotateArgs) -> Result<Self, Stop> {
        let asking = &args.asking;
        let store = vault::open(&asking.store)?;
        let credential = store.get(&asking.store.tenant, &args.name)?;
        let id = key_in_use(&credential)?;
        let keyring = vault::keyring(&asking.key, &asking.live)?;
        let live = asking.live.in_region(credential.region.as_deref());
        let secret = store.secret(&keyring, &credential.tenant, &credential.name)?;
        let connection = reach::with_key(&live, &id, &secret)?;
        let owner = owner(&connection, &credential)?;
        let administrator = Administrator::new(&live, args.admin_profile.as_deref(), &owner)?;
        Ok(Self {
            args,
            live,
            store,
            keyring,
            credential,
            owner,
            administrator,
            examined: None,
            lines: Vec::new(),
        })
    }

    /// Takes every step that is left and can be taken.
    fn go_on(&mut self) -> Result<u8, Stop> {
        self.check_given()?;
        loop {
            let step = self.credential.pending.as_ref().map(|it| it.step);
            match step {
                None => self.receive()?,
                Some(Step::Received) => self.identify()?,
                Some(Step::Validated) => self.switch()?,
                Some(Step::Switched) => {
                    if !self.retire()? {
                        return Ok(PART_WAY);
                    }
                }
                Some(Step::OldDeactivated) => {
                    self.finish()?;
                    return Ok(0);
                }
            }
        }
    }

    /// A key that is handed over has a place at the start only.
    fn check_given(&mut self) -> Result<(), Stop> {
        let given = self.args.secret.access_key_id.as_deref();
        let Some(pending) = &self.credential.pending else {
            return Ok(());
        };
        if given.is_none_or(|it| it == pending.id.as_str()) {
            return Ok(());
        }
        match pending.step {
            Step::Received => self.take(),
            Step::Validated => Err(Stop::wrong_use(format!(
                "the second key {} is on its way already\nhelp: `rolecall credential rotate {name}` \
                 goes on with it, `--abandon` forgets it",
                pending.id,
                name = self.credential.name
            ))),
            Step::Switched | Step::OldDeactivated => Err(Stop::wrong_use(format!(
                "the key {} was put to use, and the one before it is not gone yet\nhelp: `rolecall \
                 credential rotate {name}` goes on; another rotation begins after that",
                pending.id,
                name = self.credential.name
            ))),
        }
    }

    /// Finds out whether the second key is of the same user.
    fn identify(&mut self) -> Result<(), Stop> {
        let (connection, id) = self.pending_connection()?;
        let caller = match reach::meet(&connection, self.args.secret.wait)? {
            Met::Known(caller) => caller,
            Met::Refused(error) if reach::is_not_known(&error) => {
                return Err(Stop::unknown(format!(
                    "{}\nhelp: if {id} was made just now, run the same command again in a minute; \
                     `--abandon` forgets it",
                    reach::reason(&error)
                )));
            }
            Met::Refused(error) => {
                return self.forget(&format!("the secret of {id} is wrong: {}", error.code));
            }
        };
        if caller.account != self.owner.account || caller.arn != self.owner.arn {
            return self.forget(&format!(
                "the second key {id} belongs to `{}`, and the credential to `{}`",
                caller.arn, self.owner.arn
            ));
        }
        let seen = self.credential.seen();
        self.credential = self.store.mark_pending_validated(seen, &vault::stamp())?;
        self.say(format!("the second key {id} is of the same user"));
        Ok(())
    }

    /// Forgets a second key that can never be the right one.
    fn forget(&mut self, why: &str) -> Result<(), Stop> {
        let seen = self.credential.seen();
        self.credential = self.store.drop_pending_key(seen, &vault::stamp())?;
        Err(Stop::refused(format!(
            "{why}: it was forgotten, and the key in use stays\nhelp: make a key of the user `{}`",
            self.owner.user
        )))
    }

    /// Puts the second key to use, if the preflight is passed with it.
    fn switch(&mut self) -> Result<(), Stop> {
        let (connection, id) = self.pending_connection()?;
        let wanted = judge::wanted(&self.credential, self.args.reading.asked(), &self.live);
        let judged = wanted
            .map(|it| judge::judge(&connection, &it))
            .transpose()?;
        let validation = judged.as_ref().map(judge::Judged::validation);
        if let Some(judged) = judged {
            let (code, reasons) = (judged.code, judged.reasons());
            self.examined = Some(judged.examined);
            if code != 0 && !self.args.save_anyway {
                let mut message = "the second key is not put to use".to_owned();
                for reason in reasons {
                    message.push_str(&format!("\n- {reason}"));
                }
                message.push_str(&format!(
                    "\nhelp: put that right and run `rolecall credential rotate {}` again; \
                     `--save-anyway` uses it even so",
                    self.credential.name
                ));
                return Err(Stop { message, code });
            }
        }
        let seen = self.credential.seen();
        self.credential = self.store.switch(&self.keyring, seen, &vault::stamp())?;
        self.say(format!("the second key {id} is in use now"));
        if let Some(validation) = validation {
            let seen = self.credential.seen();
            self.credential = self.store.set_state(seen, validation, &vault::stamp())?;
        }
        Ok(())
    }

    fn pending_connection(&self) -> Result<(Connection, AccessKeyId), Stop> {
        let Credential { tenant, name, .. } = &self.credential;
        let secret = self.store.pending_secret(&self.keyring, tenant, name)?;
        let id = self.pending()?.id.clone();
        let connection = reach::with_key(&self.live, &id, &secret)?;
        Ok((connection, id))
    }

    fn pending(&self) -> Result<&PendingKey, Stop> {
        let pending = self.credential.pending.as_ref();
        pending.ok_or_else(|| Stop::wrong_use("there is no second key"))
    }

    fn say(&mut self, line: String) {
        self.lines.push(line);
    }

    fn print(&mut self) {
        if self.lines.is_empty() && self.examined.is_none() {
            return;
        }
        let outcome = Outcome {
            credential: Some(&self.credential),
            examined: self.examined.as_ref(),
            lines: std::mem::take(&mut self.lines),
        };
        outcome.print(self.args.asking.format);
    }
}

/// Returns the id of the access key in use.
pub(super) fn key_in_use(credential: &Credential) -> Result<AccessKeyId, Stop> {
    match &credential.kind {
        Kind::AccessKey { id } => Ok(id.clone()),
        Kind::Role { .. } => Err(Stop::wrong_use(format!(
            "`{}` is a role: it has no access key that could be rotated",
            credential.name
        ))),
    }
}

/// Returns whose key is in use: what AWS says, or where it does not take that key any more, what it
/// said when the key was last validated.
fn owner(connection: &Connection, credential: &Credential) -> Result<Owner, Stop> {
    let recorded = credential
        .principal
        .as_ref()
        .zip(credential.account.as_ref());
    let caller = match reach::meet(connection, 0)? {
        Met::Known(caller) => caller,
        Met::Refused(error) => match recorded {
            Some((arn, account)) => return Owner::of(arn, account),
            None => {
                return Err(Stop::unknown(format!(
                    "whose key this is was never found out, and AWS does not take it any more: {}\n\
                     help: remove the credential and add the new key",
                    error.code
                )));
            }
        },
    };
    let Caller { arn, account, .. } = &caller;
    if let Some((known, _)) = recorded
        && known != arn
    {
        return Err(Stop::refused(format!(
            "the key in use belongs to `{arn}`, and to `{known}` when it was validated\nhelp: look \
             at it with `rolecall credential validate {}`",
            credential.name
        )));
    }
    Owner::of(arn, account)
}

/// Forgets the second key.
fn abandon(args: &RotateArgs) -> Result<u8, Stop> {
    let mut store = vault::open(&args.asking.store)?;
    let credential = store.get(&args.asking.store.tenant, &args.name)?;
    let Some(pending) = credential.pending.clone() else {
        return Err(Stop::wrong_use(
            "there is no second key that could be forgotten",
        ));
    };
    if pending.step >= Step::Switched {
        return Err(Stop::wrong_use(format!(
            "the second key {} is in use already\nhelp: `rolecall credential rotate {}` ends the \
             rotation",
            pending.id, credential.name
        )));
    }
    let kept = store.drop_pending_key(credential.seen(), &vault::stamp())?;
    let mut lines = vec![format!(
        "the second key {} is forgotten; {} stays in use",
        pending.id, pending.replaces
    )];
    let user = kept.principal.as_deref().and_then(reach::user_name);
    lines.push(format!(
        "it is still valid at AWS: aws iam delete-access-key --user-name {} --access-key-id {}",
        user.unwrap_or("NAME"),
        pending.id.as_str()
    ));
    let outcome = Outcome {
        credential: Some(&kept),
        examined: None,
        lines,
    };
    outcome.print(args.asking.format);
    Ok(0)
}
