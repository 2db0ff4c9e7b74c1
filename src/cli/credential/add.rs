//! `rolecall credential add`: the preflight first, and the store only if it is passed.

use super::judge::{self, Judged};
use super::look::Outcome;
use super::reach::{self, Met};
use super::stop::Stop;
use super::{AddArgs, vault};
use crate::aws::Connection;
use crate::cli::live::LiveArgs;
use crate::cli::preflight::{Require, Wanted};
use crate::store::key::Keyring;
use crate::store::{Credential, NewCredential, NewKind, Settings, State, Validation};

/// Runs the subcommand.
pub(super) fn run(args: &AddArgs) -> Result<u8, Stop> {
    args.secret.refuse_argument()?;
    // Whatever can be wrong here is said before AWS is asked anything.
    let keyring = vault::keyring(&args.asking.key, &args.asking.live)?;
    refuse_taken(args)?;
    let kind = new_kind(args)?;
    let connection = connect(&args.asking.live, &kind)?;
    let patience = args.secret.wait;
    match reach::meet(&connection, patience)? {
        Met::Known(_) => {}
        Met::Refused(error) if args.save_anyway && matches!(kind, NewKind::AccessKey { .. }) => {
            return keep_refused(args, &keyring, kind, reach::reason(&error));
        }
        Met::Refused(error) => return Err(Stop::wrong_use(reach::refusal(&error))),
    }
    if let NewKind::Role { arn, external_id } = &kind
        && args.save_anyway
        && let Some(error) = reach::knock(&connection, arn, external_id.as_deref())?
    {
        return keep_refused(args, &keyring, kind, reach::closed(&error));
    }
    let judged = judge::judge(&connection, &wanted(args))?;
    if judged.code != 0 && !args.save_anyway {
        not_saved(args, &judged);
        return Ok(judged.code);
    }
    let kept = keep(args, &keyring, kind, judged.validation())?;
    saved(args, &kept, Some(&judged));
    Ok(judged.code)
}

fn wanted(args: &AddArgs) -> Wanted {
    Wanted {
        profile: args.profile.clone(),
        asked: args.asked.clone(),
        role: role(args),
        live: args.asking.live.clone(),
    }
}

fn role(args: &AddArgs) -> Option<(String, String)> {
    let external_id = args.external_id.clone().unwrap_or_default();
    args.role.clone().map(|it| (it, external_id))
}

/// Refuses a name that is taken, before a secret is read and AWS is asked.
fn refuse_taken(args: &AddArgs) -> Result<(), Stop> {
    let store = &args.asking.store;
    let Some(opened) = vault::open_if_there(store)? else {
        return Ok(());
    };
    match opened.get(&store.tenant, &args.name) {
        Ok(found) => Err(Stop::wrong_use(format!(
            "there is a credential `{name}` already, which is {state}\nhelp: `rolecall credential \
             validate {name}` checks it again, `rotate {name}` gives it a new access key",
            name = found.name,
            state = found.state.name(),
        ))),
        Err(crate::store::StoreError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn new_kind(args: &AddArgs) -> Result<NewKind, Stop> {
    if let Some(arn) = &args.role {
        return Ok(NewKind::Role {
            arn: arn.clone(),
            external_id: args.external_id.clone(),
        });
    }
    let given = args.secret.read()?;
    Ok(NewKind::AccessKey {
        id: given.id,
        secret: given.secret,
    })
}

/// A role is entered by whatever credential the standard chain finds: the vendor's own.
fn connect(live: &LiveArgs, kind: &NewKind) -> Result<Connection, Stop> {
    match kind {
        NewKind::AccessKey { id, secret } => reach::with_key(live, id, secret),
        NewKind::Role { .. } => Ok(live.connect()?),
    }
}

/// Puts it into the store. A process that dies between the two steps leaves it Pending Validation.
fn keep(
    args: &AddArgs,
    keyring: &Keyring,
    kind: NewKind,
    found: Validation,
) -> Result<Credential, Stop> {
    let new = NewCredential {
        name: args.name.clone(),
        kind,
        region: args.asking.live.named_region().map(str::to_owned),
        profile: Some(args.profile.clone()),
        settings: Settings {
            variables: args.asked.variables.clone(),
            features: args.asked.features.clone(),
            phases: args.asked.phases.clone(),
            is_isolation_required: args.asked.require == Some(Require::Isolated),
        },
    };
    let mut store = vault::open_or_make(&args.asking.store)?;
    let tenant = &args.asking.store.tenant;
    let added = store.add(keyring, tenant, new, &vault::stamp())?;
    Ok(store.set_state(added.seen(), found, &vault::stamp())?)
}

/// Keeps what AWS does not take, as the user asked for.
fn keep_refused(
    args: &AddArgs,
    keyring: &Keyring,
    kind: NewKind,
    reason: String,
) -> Result<u8, Stop> {
    let kept = keep(args, keyring, kind, judge::refused(reason))?;
    saved(args, &kept, None);
    Ok(1)
}

fn saved(args: &AddArgs, kept: &Credential, judged: Option<&Judged>) {
    let (name, state) = (&kept.name, kept.state.name());
    let mut lines = vec![format!("saved: `{name}` is {state}")];
    if kept.state != State::Ready {
        lines.extend(kept.reasons.iter().map(|it| format!("- {it}")));
        lines.push(format!(
            "help: once that is put right, `rolecall credential validate {name}`"
        ));
    }
    let outcome = Outcome {
        credential: Some(kept),
        examined: judged.map(|it| &it.examined),
        lines,
    };
    outcome.print(args.asking.format);
}

fn not_saved(args: &AddArgs, judged: &Judged) {
    let what = match judged.code {
        1 => "nothing was saved: the credential does not do",
        _ => "nothing was saved: whether the credential does is not known",
    };
    let mut lines = vec![what.to_owned()];
    lines.extend(judged.reasons().iter().map(|it| format!("- {it}")));
    lines.push(
        "help: put that right and run the same command again; `--save-anyway` keeps it even so"
            .to_owned(),
    );
    let outcome = Outcome {
        credential: None,
        examined: Some(&judged.examined),
        lines,
    };
    outcome.print(args.asking.format);
}
