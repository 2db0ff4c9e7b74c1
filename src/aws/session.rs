//! A session of a role, as a connection of its own.

use aws_credential_types::Credentials;

use super::connection::{Connection, Where};
use super::error::{CallError, failed, lacking, unusable};

/// The shortest session that AWS gives (AWS STS API Reference, "AssumeRole": 900 seconds).
const SECONDS: i32 = 900;

impl Connection {
    /// Assumes a role and returns a connection with its session's credential, which lasts for 15
    /// minutes and is kept nowhere.
    ///
    /// # Errors
    ///
    /// The role's trust policy or the credential's own policies do not allow it, or nobody answered.
    pub fn enter(
        &self,
        place: &Where,
        role: &str,
        external_id: Option<&str>,
    ) -> Result<Self, CallError> {
        const OPERATION: &str = "sts:AssumeRole";
        let call = self.sts.assume_role().role_arn(role);
        let call = call.role_session_name("rolecall").duration_seconds(SECONDS);
        let call = call.set_external_id(external_id.map(str::to_owned));
        let answer = self.wait(call.send());
        let answer = answer.map_err(failed(OPERATION, role))?;
        let given = answer.credentials.ok_or_else(|| lacking(OPERATION, role))?;
        let credentials = Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            None,
            "rolecall",
        );
        Self::with_credentials(place, credentials)
            .map_err(|error| unusable(OPERATION, role, "NoConnection", error.to_string()))
    }
}
