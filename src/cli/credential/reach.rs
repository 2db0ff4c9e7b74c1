//! Reaches the account that a credential is for, and asks AWS whose it is.

use std::time::Duration;

use secrecy::SecretString;

use super::stop::Stop;
use crate::account::Caller;
use crate::aws::{CallError, Cause, Connection};
use crate::cli::live::{self, As, LiveArgs};
use crate::store::AccessKeyId;

/// What AWS says of a credential.
pub(super) enum Met {
    /// It is of this principal.
    Known(Caller),
    /// AWS does not take it.
    Refused(Box<CallError>),
}

/// Returns the connection of an access key.
pub(super) fn with_key(
    live: &LiveArgs,
    id: &AccessKeyId,
    secret: &SecretString,
) -> Result<Connection, Stop> {
    Ok(live.connect_as(As::Key(id.as_str(), secret))?)
}

/// Asks whose the connection's credential is. A key that AWS does not know yet is asked about again
/// for some seconds: IAM tells its changes to every server in its own time (IAM User Guide,
/// "Troubleshoot IAM: changes that I make are not always immediately visible").
pub(super) fn meet(connection: &Connection, patience: u64) -> Result<Met, Stop> {
    let mut waited = 0;
    loop {
        let error = match connection.caller() {
            Ok(caller) => return Ok(Met::Known(caller)),
            Err(error) => error,
        };
        let pause = (1 + waited).min(5).min(patience.saturating_sub(waited));
        if is_not_known(&error) && pause > 0 {
            std::thread::sleep(Duration::from_secs(pause));
            waited += pause;
            continue;
        }
        return match error.cause {
            Cause::BadCredential => Ok(Met::Refused(Box::new(error))),
            _ => Err(error.into()),
        };
    }
}

/// Asks whether a role opens to its external ID. AWS refuses in the same words where it is not there,
/// does not trust the caller, or asks for another external ID; where nobody answers, nothing is known.
pub(super) fn knock(
    connection: &Connection,
    role: &str,
    external_id: Option<&str>,
) -> Result<Option<Box<CallError>>, Stop> {
    match connection.try_role(role, external_id) {
        Ok(()) => Ok(None),
        Err(error) if error.cause == Cause::Denied => Ok(Some(Box::new(error))),
        Err(error) => Err(error.into()),
    }
}

/// Whether AWS knows no such active key (AWS STS API Reference, "Common errors"): it is deleted,
/// deactivated, of another partition, or so new that not every server knows it.
pub(super) fn is_not_known(error: &CallError) -> bool {
    error.code == "InvalidClientTokenId"
}

/// Returns why AWS does not take a credential, in one line that is kept.
pub(super) fn reason(error: &CallError) -> String {
    // AWS General Reference, "Regions": a region that is not enabled knows no key.
    let region = match is_not_known(error) {
        true => "; a region that is not enabled says the same",
        false => "",
    };
    format!(
        "AWS does not take the credential: {}: {}{region}",
        error.code, error.message
    )
}

/// Returns why a role does not open, in one line that is kept.
pub(super) fn closed(error: &CallError) -> String {
    format!(
        "the role does not open to this external ID: {}: {}",
        error.code, error.message
    )
}

/// Returns the same with what to do about it.
pub(super) fn refusal(error: &CallError) -> String {
    live::call_error(error)
}

/// Returns the name of the user of an ARN, without its path; none if it is of no user.
pub(super) fn user_name(arn: &str) -> Option<&str> {
    let arn = crate::arn::Arn::parse(arn)?;
    let path = arn.resource.strip_prefix("user/")?;
    Some(crate::arn::last_segment(path))
}
