//! Sessions of roles, and the words that EC2 encodes.

use aws_credential_types::Credentials;
use aws_sdk_sts::types::Credentials as Session;

use super::connection::{Connection, Where};
use super::error::{CallError, failed, lacking, unusable};

const ASSUME: &str = "sts:AssumeRole";

/// The name of our sessions, by which CloudTrail shows them.
const SESSION: &str = "rolecall";

/// The shortest session that there is, in seconds (AWS STS API Reference, "AssumeRole").
const SHORTEST: i32 = 900;

impl Connection {
    /// Assumes a role, and returns a connection with its session. `place` says where that one asks;
    /// its profile is not used.
    ///
    /// # Errors
    ///
    /// AWS refuses, in the same words whether the role is not there, is not ready, or does not
    /// trust this credential with this external ID; or nobody answered.
    pub fn assume(
        &self,
        place: &Where,
        role: &str,
        external_id: Option<&str>,
    ) -> Result<Self, CallError> {
        self.assume_as(SESSION, place, role, external_id)
    }

    /// As [`Connection::assume`], under a name of its own.
    pub(super) fn assume_as(
        &self,
        name: &str,
        place: &Where,
        role: &str,
        external_id: Option<&str>,
    ) -> Result<Self, CallError> {
        let session = self.session_of(name, role, external_id, None)?;
        let expiry = std::time::SystemTime::try_from(session.expiration).ok();
        let credentials = Credentials::new(
            session.access_key_id,
            session.secret_access_key,
            Some(session.session_token),
            expiry,
            "rolecall",
        );
        Self::from(place, Some(credentials))
            .map_err(|error| unusable(ASSUME, role, "NoConnection", error.to_string()))
    }

    /// Tries to assume a role; the session's credentials are dropped at once.
    ///
    /// # Errors
    ///
    /// As [`Connection::assume`].
    pub fn try_role(&self, role: &str, external_id: Option<&str>) -> Result<(), CallError> {
        self.session_of(SESSION, role, external_id, Some(SHORTEST))
            .map(drop)
    }

    fn session_of(
        &self,
        name: &str,
        role: &str,
        external_id: Option<&str>,
        seconds: Option<i32>,
    ) -> Result<Session, CallError> {
        let asked = self.sts.assume_role().role_arn(role);
        let asked = asked.role_session_name(name);
        let asked = asked.set_external_id(external_id.map(str::to_owned));
        let asked = asked.set_duration_seconds(seconds);
        let answer = self.wait(asked.send()).map_err(failed(ASSUME, role))?;
        answer.credentials.ok_or_else(|| lacking(ASSUME, role))
    }

    /// Decodes the message that EC2 and a few others encode in a refusal: who asked, what decided,
    /// and with which context keys (AWS STS API Reference, "DecodeAuthorizationMessage").
    ///
    /// # Errors
    ///
    /// It may not be asked, the message is not whole, or nobody answered.
    pub fn decode(&self, message: &str) -> Result<String, CallError> {
        const DECODE: &str = "sts:DecodeAuthorizationMessage";
        let asked = self.sts.decode_authorization_message();
        let answer = self.wait(asked.encoded_message(message).send());
        let decoded = answer.map_err(failed(DECODE, ""))?.decoded_message;
        decoded.ok_or_else(|| lacking(DECODE, ""))
    }
}
