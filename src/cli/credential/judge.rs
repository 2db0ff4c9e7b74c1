//! What a preflight means for a credential's state.

use super::stop::Stop;
use crate::aws::Connection;
use crate::cli::live::LiveArgs;
use crate::cli::preflight::{AskedArgs, Examined, Require, Wanted, examine};
use crate::store::{Credential, Kind, State, Validation};

/// What a preflight came to.
pub(super) struct Judged {
    /// What was found.
    pub(super) examined: Examined,
    /// 0 ready, 1 it fails, 3 not known.
    pub(super) code: u8,
}

/// Examines the connection's credential.
pub(super) fn judge(connection: &Connection, wanted: &Wanted) -> Result<Judged, Stop> {
    let examined = examine(connection, wanted)?;
    let code = examined.exit_code();
    Ok(Judged { examined, code })
}

/// Returns what is asked of a kept credential again; `asked` says how it is asked.
pub(super) fn wanted(credential: &Credential, asked: AskedArgs, live: &LiveArgs) -> Option<Wanted> {
    let settings = &credential.settings;
    Some(Wanted {
        profile: credential.profile.clone()?,
        asked: AskedArgs {
            variables: settings.variables.clone(),
            features: settings.features.clone(),
            phases: settings.phases.clone(),
            require: settings.is_isolation_required.then_some(Require::Isolated),
            ..asked
        },
        role: match &credential.kind {
            Kind::AccessKey { .. } => None,
            Kind::Role { arn, external_id } => {
                Some((arn.clone(), external_id.clone().unwrap_or_default()))
            }
        },
        live: live.clone(),
    })
}

impl Judged {
    /// Returns the state that follows. What is not known makes nothing invalid, and nothing ready.
    pub(super) fn state(&self) -> State {
        match self.code {
            0 => State::Ready,
            1 => State::Invalid,
            _ => State::PendingValidation,
        }
    }

    /// Returns why it is not ready.
    pub(super) fn reasons(&self) -> Vec<String> {
        let mut reasons = self.examined.report.reasons();
        if reasons.is_empty() && self.code != 0 {
            reasons.push(match self.examined.report.isolation_word() {
                "escapes" => "isolation is required, and there is a way out".to_owned(),
                _ => "isolation is required, and could not be shown".to_owned(),
            });
        }
        reasons
    }

    /// Returns what the store keeps of it.
    pub(super) fn validation(&self) -> Validation {
        let report = &self.examined.report;
        let caller = &report.identity.caller;
        Validation {
            state: self.state(),
            reasons: self.reasons(),
            account: Some(caller.account.clone()),
            principal: Some(caller.arn.clone()),
            isolation: Some(report.isolation_word().to_owned()),
        }
    }
}

/// Returns what the store keeps of a credential that AWS does not take.
pub(super) fn refused(reason: String) -> Validation {
    Validation {
        state: State::Invalid,
        reasons: vec![reason],
        account: None,
        principal: None,
        isolation: None,
    }
}
