//! `rolecall credential validate`: the preflight again, with the secret that is kept.

use super::judge;
use super::look::Outcome;
use super::reach::{self, Met};
use super::stop::Stop;
use super::{ValidateArgs, vault};
use crate::store::{Credential, Kind, State, Store, Validation};

/// Runs the subcommand. Where AWS does not answer, the state stays what it is.
pub(super) fn run(args: &ValidateArgs) -> Result<u8, Stop> {
    let asking = &args.asking;
    let mut store = vault::open(&asking.store)?;
    let credential = store.get(&asking.store.tenant, &args.name)?;
    if credential.state == State::Revoked {
        return Err(Stop::wrong_use(format!(
            "`{}` is revoked for good; add a new credential",
            credential.name
        )));
    }
    let live = asking.live.in_region(credential.region.as_deref());
    let connection = match &credential.kind {
        Kind::AccessKey { id } => {
            let keyring = vault::keyring(&asking.key, &asking.live)?;
            let secret = store.secret(&keyring, &credential.tenant, &credential.name)?;
            reach::with_key(&live, id, &secret)?
        }
        Kind::Role { .. } => live.connect()?,
    };
    let caller = match (reach::meet(&connection, 0)?, &credential.kind) {
        (Met::Known(caller), _) => caller,
        (Met::Refused(error), Kind::AccessKey { .. }) => {
            return ended(
                args,
                &mut store,
                &credential,
                judge::refused(reach::reason(&error)),
            );
        }
        // It is the vendor's own credential that AWS does not take.
        (Met::Refused(error), Kind::Role { .. }) => {
            return Err(Stop::wrong_use(reach::refusal(&error)));
        }
    };
    if let (Kind::AccessKey { .. }, Some(account)) = (&credential.kind, &credential.account)
        && *account != caller.account
    {
        let what = format!(
            "the key belongs to account {}, not {account}",
            caller.account
        );
        return ended(args, &mut store, &credential, judge::refused(what));
    }
    if let Kind::Role { arn, external_id } = &credential.kind
        && let Some(error) = reach::knock(&connection, arn, external_id.as_deref())?
    {
        let found = judge::refused(reach::closed(&error));
        return ended(args, &mut store, &credential, found);
    }
    let wanted = judge::wanted(&credential, args.reading.asked(), &live);
    let wanted = wanted.ok_or_else(|| {
        Stop::wrong_use("no profile is kept with it: remove it, and add it with `--for PROFILE`")
    })?;
    let judged = judge::judge(&connection, &wanted)?;
    let kept = store.set_state(credential.seen(), judged.validation(), &vault::stamp())?;
    let outcome = Outcome {
        credential: Some(&kept),
        examined: Some(&judged.examined),
        lines: lines(&kept),
    };
    outcome.print(asking.format);
    Ok(judged.code)
}

/// Records what AWS itself said of the credential.
fn ended(
    args: &ValidateArgs,
    store: &mut Store,
    credential: &Credential,
    found: Validation,
) -> Result<u8, Stop> {
    let kept = store.set_state(credential.seen(), found, &vault::stamp())?;
    let outcome = Outcome {
        credential: Some(&kept),
        examined: None,
        lines: lines(&kept),
    };
    outcome.print(args.asking.format);
    Ok(1)
}

fn lines(kept: &Credential) -> Vec<String> {
    let mut lines = vec![format!("`{}` is {}", kept.name, kept.state.name())];
    lines.extend(kept.reasons.iter().map(|it| format!("- {it}")));
    lines
}
