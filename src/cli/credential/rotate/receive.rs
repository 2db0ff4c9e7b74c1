//! The first step of a rotation: where the second key comes from.
//!
//! Making one at AWS has no client token. A lost answer leaves a key whose secret nobody knows, so
//! the intent is in the store before the call, and what is found after it is told apart from keys of
//! somebody else.

use secrecy::SecretString;

use super::Rotation;
use crate::aws::access_key::{Keys, Listed};
use crate::aws::{CallError, Cause};
use crate::cli::credential::administrator::Administrator;
use crate::cli::credential::rotate::key_in_use;
use crate::cli::credential::stop::Stop;
use crate::cli::credential::vault;
use crate::cli::live;
use crate::plan::OWNERSHIP_TAG;
use crate::store::AccessKeyId;

/// The event before a key is made. As long as it is the last one, the outcome is not known.
const INTENT: &str = "asking AWS for a second key";

impl Rotation<'_> {
    /// Takes the second key that is handed over, or makes it.
    pub(super) fn receive(&mut self) -> Result<(), Stop> {
        if self.administrator.is_some() && !self.args.secret.is_given() {
            return self.make();
        }
        self.take()
    }

    /// Takes the second key from standard input or the environment.
    pub(super) fn take(&mut self) -> Result<(), Stop> {
        let given = self.args.secret.read().map_err(|stop| Stop {
            message: format!("{}\nthe user is `{}`", stop.message, self.owner.user),
            code: stop.code,
        })?;
        self.keep(given.id, &given.secret)
    }

    fn keep(&mut self, id: AccessKeyId, secret: &SecretString) -> Result<(), Stop> {
        let line = format!("the second key {id} is kept beside the one in use");
        let (seen, stamp) = (self.credential.seen(), vault::stamp());
        let kept = self
            .store
            .put_pending_key(&self.keyring, seen, id, secret, &stamp)?;
        self.credential = kept;
        self.say(line);
        Ok(())
    }

    /// Makes the second key with the administrator's rights.
    fn make(&mut self) -> Result<(), Stop> {
        let Some(administrator) = self.administrator.take() else {
            return Ok(());
        };
        let made = self.made(&administrator);
        self.administrator = Some(administrator);
        let (id, secret) = made?;
        self.keep(id, &secret)
    }

    fn made(&mut self, administrator: &Administrator) -> Result<(AccessKeyId, SecretString), Stop> {
        let keys = administrator.keys();
        self.clear(&keys)?;
        let seen = self.credential.seen();
        self.credential = self.store.note(seen, INTENT, &vault::stamp())?;
        let made = keys.create().map_err(|error| self.not_made(error))?;
        Ok((AccessKeyId::new(&made.id)?, made.secret))
    }

    fn not_made(&self, error: CallError) -> Stop {
        match error.cause {
            Cause::NoAnswer | Cause::Other if error.code != "LimitExceeded" => {
                Stop::unknown(format!(
                    "{}\nAWS may have made a key whose secret is lost\nhelp: `rolecall credential \
                     rotate {} --admin-profile …` looks, and goes on",
                    live::call_error(&error),
                    self.credential.name
                ))
            }
            _ => error.into(),
        }
    }

    /// Looks at the user's keys before one is made. One that the store does not know may be
    /// somebody's: it is deleted only where it can only be what a lost answer left.
    fn clear(&mut self, keys: &Keys<'_>) -> Result<(), Stop> {
        let in_use = key_in_use(&self.credential)?;
        let listed = keys.list()?;
        let others: Vec<&Listed> = listed
            .iter()
            .filter(|it| it.id != in_use.as_str())
            .collect();
        let [other] = others.as_slice() else {
            return match others.is_empty() {
                true => Ok(()),
                false => Err(self.stranger(&others)),
            };
        };
        if !self.is_left_behind(keys, other)? {
            return Err(self.stranger(&others));
        }
        keys.delete(&other.id)?;
        let id = AccessKeyId::new(&other.id)?;
        self.say(format!(
            "deleted {id}, which AWS made for this rotation and whose secret was lost"
        ));
        Ok(())
    }

    /// Whether a key can only be what this rotation made before its answer was lost: the intent is
    /// open, the user carries our tag, the key was made after the intent, and nobody used it.
    fn is_left_behind(&self, keys: &Keys<'_>, key: &Listed) -> Result<bool, Stop> {
        let events = self.store.events(&self.credential.tenant)?;
        let mut own = events
            .iter()
            .filter(|it| it.credential == self.credential.id);
        let Some(intent) = own.next_back().filter(|it| it.what == INTENT) else {
            return Ok(false);
        };
        let is_later = key.made.is_some_and(|it| it >= intent.at.as_second());
        Ok(is_later && keys.tag(OWNERSHIP_TAG)?.is_some() && !keys.was_used(&key.id)?)
    }

    fn stranger(&self, keys: &[&Listed]) -> Stop {
        let user = &self.owner.user;
        let mut message =
            format!("the user `{user}` has an access key that this store does not know");
        for key in keys {
            let state = if key.is_active { "active" } else { "inactive" };
            let made = key
                .made
                .and_then(|it| jiff::Timestamp::from_second(it).ok());
            let made = made.map_or_else(String::new, |it| format!(", made at {it}"));
            message.push_str(&format!("\n- {} ({state}{made})", key.id));
        }
        message.push_str(&format!(
            "\nit may be somebody's, so it is left as it is\nhelp: if you have its secret, hand it \
             over with `--access-key-id`; if nobody needs it: aws iam delete-access-key --user-name \
             {user} --access-key-id {}",
            keys.first().map_or("ID", |it| it.id.as_str())
        ));
        Stop::refused(message)
    }
}
