//! `rolecall credential revoke` and `remove`: the end of a credential.
//!
//! The credential must outlive what it built: once it is gone, the vendor can no longer take its
//! clusters down. So whoever revokes one is told what is still there, and what could not be seen.

use super::administrator::{Administrator, Owner};
use super::clusters::{Looked, Sought, sought};
use super::look::Outcome;
use super::reach::{self, Met};
use super::stop::Stop;
use super::{RemoveArgs, RevokeArgs, vault};
use crate::account::Caller;
use crate::aws::Connection;
use crate::cli::check::print_text;
use crate::cli::live::LiveArgs;
use crate::store::{AccessKeyId, Credential, Kind, State, Store, Validation};

/// Runs `revoke`.
pub(super) fn run(args: &RevokeArgs) -> Result<u8, Stop> {
    let asking = &args.asking;
    let mut store = vault::open(&asking.store)?;
    let credential = store.get(&asking.store.tenant, &args.name)?;
    if credential.state == State::Revoked {
        return Err(Stop::wrong_use(format!(
            "`{name}` is revoked already\nhelp: `rolecall credential remove {name}` takes it out of \
             the store",
            name = credential.name
        )));
    }
    let live = asking.live.in_region(credential.region.as_deref());
    let sought = sought(&credential)?;
    let own = own(args, &store, &credential, &live);
    let owner = owner(&credential, own.as_ref().ok());
    let administrator = match (&args.admin_profile, &owner) {
        (None, _) => None,
        (Some(_), None) => {
            return Err(Stop::unknown(
                "whose credential this is was never found out, so no administrator can be told \
                 from a stranger\nhelp: leave `--admin-profile` out",
            ));
        }
        (profile, Some(owner)) => Administrator::new(&live, profile.as_deref(), owner)?,
    };
    let looked = look(&sought, administrator.as_ref(), own);
    refuse(args, &credential, &looked)?;
    let mut lines = left_behind(&looked);
    if let Some(administrator) = &administrator {
        for id in keys(&credential) {
            administrator.deactivate(&id)?;
            administrator.delete(&id)?;
            lines.push(format!("deleted the access key {id} at AWS"));
        }
    }
    let stamp = vault::stamp();
    let kept = store.set_state(credential.seen(), revoked(&looked), &stamp)?;
    lines.push(format!(
        "`{}` is revoked, and its secret is gone",
        kept.name
    ));
    if administrator.is_none() {
        lines.extend(left_to_do(&credential, owner.as_ref()));
    }
    let outcome = Outcome {
        credential: Some(&kept),
        examined: None,
        lines,
    };
    outcome.print(asking.format);
    Ok(0)
}

/// The credential's own connection with what AWS says of it, or why there is none.
type Own = Result<(Connection, Caller), String>;

fn own(args: &RevokeArgs, store: &Store, credential: &Credential, live: &LiveArgs) -> Own {
    let say = |stop: Stop| stop.message;
    let connection = match &credential.kind {
        Kind::AccessKey { id } => {
            let keyring = vault::keyring(&args.asking.key, &args.asking.live).map_err(say)?;
            let secret = store.secret(&keyring, &credential.tenant, &credential.name);
            let secret = secret.map_err(|error| error.to_string())?;
            reach::with_key(live, id, &secret).map_err(say)?
        }
        Kind::Role { arn, external_id } => {
            let base = live.connect()?;
            let session = base.assume(&live.place(), arn, external_id.as_deref());
            session.map_err(|error| error.to_string())?
        }
    };
    match reach::meet(&connection, 0).map_err(say)? {
        Met::Known(caller) => Ok((connection, caller)),
        Met::Refused(error) => Err(reach::reason(&error)),
    }
}

/// Returns whose credential it is, as far as that is known.
fn owner(credential: &Credential, own: Option<&(Connection, Caller)>) -> Option<Owner> {
    let recorded = credential
        .principal
        .as_ref()
        .zip(credential.account.as_ref());
    let (arn, account) = match own {
        Some((_, caller)) => (&caller.arn, &caller.account),
        None => recorded?,
    };
    Some(Owner {
        account: account.clone(),
        user: reach::user_name(arn).unwrap_or_default().to_owned(),
        arn: arn.clone(),
    })
}

/// An administrator sees what the credential may not.
fn look(sought: &Sought, administrator: Option<&Administrator>, own: Own) -> Looked {
    match (administrator, own) {
        (Some(administrator), _) => sought.look(&administrator.connection),
        (None, Ok((connection, _))) => sought.look(&connection),
        (None, Err(why)) => Looked::blind(why),
    }
}

/// Refuses while there are clusters, and where there may be some.
fn refuse(args: &RevokeArgs, credential: &Credential, looked: &Looked) -> Result<(), Stop> {
    if args.force {
        return Ok(());
    }
    let name = &credential.name;
    if !looked.own.is_empty() {
        let mut message = format!("`{name}` is still needed for clusters:");
        for line in looked.lines() {
            message.push_str(&format!("\n{line}"));
        }
        message.push_str(
            "\nhelp: remove them with the vendor's product first; `--force` revokes the credential \
             all the same, and then only the customer can remove what these clusters consist of",
        );
        return Err(Stop::refused(message));
    }
    if looked.unread.is_empty() {
        return Ok(());
    }
    let mut message = format!("whether `{name}` is still needed is not known; not read:");
    for it in &looked.unread {
        message.push_str(&format!("\n- {}", it.replace('\n', "; ")));
    }
    message.push_str(
        "\nhelp: let an administrator look with `--admin-profile PROFILE`; `--force` revokes it all \
         the same, and clusters that nobody saw would be left behind, with their networks, load \
         balancers, volumes and costs",
    );
    Err(Stop::unknown(message))
}

/// Says what `--force` left behind.
fn left_behind(looked: &Looked) -> Vec<String> {
    let mut lines = Vec::new();
    if !looked.own.is_empty() {
        lines.push(
            "left behind, with their networks, load balancers, volumes and costs:".to_owned(),
        );
        lines.extend(looked.lines());
    }
    if !looked.unread.is_empty() {
        lines.push("not looked at, so there may be clusters that are left behind:".to_owned());
        let unread = looked.unread.iter().map(|it| it.replace('\n', "; "));
        lines.extend(unread.map(|it| format!("- {it}")));
    }
    if looked.others > 0 {
        lines.push(format!(
            "clusters that are not the vendor's by their tags: {}",
            looked.others
        ));
    }
    lines
}

fn revoked(looked: &Looked) -> Validation {
    let mut reasons: Vec<String> = looked
        .lines()
        .iter()
        .map(|it| format!("left behind: {}", it.trim_start_matches("- ")))
        .collect();
    let unread = looked.unread.iter().map(|it| it.replace('\n', "; "));
    reasons.extend(unread.map(|it| format!("not looked at: {it}")));
    Validation {
        state: State::Revoked,
        reasons,
        account: None,
        principal: None,
        isolation: None,
    }
}

/// Returns every access key that belongs to the credential.
fn keys(credential: &Credential) -> Vec<AccessKeyId> {
    let mut keys = Vec::new();
    if let Kind::AccessKey { id } = &credential.kind {
        keys.push(id.clone());
    }
    if let Some(pending) = &credential.pending {
        keys.extend([pending.id.clone(), pending.replaces.clone()]);
    }
    let mut seen: Vec<AccessKeyId> = Vec::new();
    for id in keys {
        if !seen.contains(&id) {
            seen.push(id);
        }
    }
    seen
}

/// Says what only the customer can do.
fn left_to_do(credential: &Credential, owner: Option<&Owner>) -> Vec<String> {
    if let Kind::Role { arn, .. } = &credential.kind {
        return vec![format!(
            "the role {arn} still lets the vendor in: an administrator of the customer deletes it, \
             or takes the vendor out of its trust policy"
        )];
    }
    let mut lines = vec![
        "the access key is still valid at AWS; an administrator of the customer runs".to_owned(),
    ];
    let unknown = Owner {
        account: String::new(),
        arn: String::new(),
        user: "NAME".to_owned(),
    };
    let owner = owner.unwrap_or(&unknown);
    for id in keys(credential) {
        lines.push(format!("  {}", owner.delete_command(&id)));
    }
    lines
}

/// Runs `remove`.
pub(super) fn remove(args: &RemoveArgs) -> Result<u8, Stop> {
    let mut store = vault::open(&args.store)?;
    let credential = store.get(&args.store.tenant, &args.name)?;
    let is_over = matches!(credential.state, State::Revoked | State::Invalid);
    if !is_over && !args.force {
        return Err(Stop::wrong_use(format!(
            "`{name}` is {state}\nhelp: `rolecall credential revoke {name}` gives it up in order; \
             `--force` removes it even so, and its access key stays valid at AWS",
            name = credential.name,
            state = credential.state.name(),
        )));
    }
    store.remove(credential.seen(), &vault::stamp())?;
    let mut text = format!("removed `{}`\n", credential.name);
    if credential.state != State::Revoked {
        for line in left_to_do(&credential, owner(&credential, None).as_ref()) {
            text.push_str(&format!("{line}\n"));
        }
    }
    print_text(&text);
    Ok(0)
}
