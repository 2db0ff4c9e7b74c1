//! What AWS answers when it does not do what was asked: operation, resource, code and request id.

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId as _;

use crate::account::Unread;

/// A call that was not answered with what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct CallError {
    /// The call, such as `iam:GetRole`.
    pub operation: &'static str,
    /// What it was asked about; empty if it takes nothing.
    pub resource: String,
    /// Whose turn it is.
    pub cause: Cause,
    /// AWS's error code; empty if nobody answered.
    pub code: String,
    /// AWS's words, or why there are none.
    pub message: String,
    /// The id by which AWS finds the call; empty if nobody answered.
    pub request_id: String,
}

/// Why a call failed, as far as it decides what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The user's to put right: no credential was found.
    NoCredential,
    /// The user's to put right: AWS does not know the key, or its session has ended.
    BadCredential,
    /// The user's to put right: the clock of this machine is off.
    Clock,
    /// The account's: the credential may not do this.
    Denied,
    /// Nobody's: there is no such thing.
    NotFound,
    /// AWS's: too many calls, also after waiting.
    Throttled,
    /// Nobody's yet: there was no answer, so what the call did is not known.
    NoAnswer,
    /// AWS's, or anything else that the code names.
    Other,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.operation)?;
        if !self.resource.is_empty() {
            write!(f, " on `{}`", self.resource)?;
        }
        match self.code.as_str() {
            "" => write!(f, " was not answered: {}", self.message)?,
            code => write!(f, " failed with {code}: {}", self.message)?,
        }
        if !self.request_id.is_empty() {
            write!(f, " (request {})", self.request_id)?;
        }
        Ok(())
    }
}

impl CallError {
    /// Returns what to do about it; empty where the code says it all.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self.cause {
            Cause::NoCredential => {
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with `--aws-profile`"
            }
            Cause::BadCredential => {
                "the key is mistyped, deactivated, deleted or of another partition, or its session \
                 has ended: look at it in the IAM console, or sign in again"
            }
            Cause::Clock => {
                "set this machine's clock: AWS takes signatures of the last minutes only"
            }
            Cause::NoAnswer => "look at the network, `--region` and `--endpoint-url`",
            Cause::Throttled => "try again later: the account makes more calls than AWS takes",
            Cause::Denied | Cause::NotFound | Cause::Other => "",
        }
    }

    /// Returns it as what a snapshot lacks.
    #[must_use]
    pub fn unread(self, what: &str) -> Unread {
        Unread {
            what: what.to_owned(),
            operation: self.operation.to_owned(),
            resource: self.resource,
            code: self.code,
            message: self.message,
            request_id: self.request_id,
        }
    }
}

/// Why an account could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// A call without which there is nothing to say.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The user's: no policy says what this principal may do.
    #[error("`{arn}` is {what}\nhelp: name the user or role with `--principal ARN`")]
    NoPolicies {
        /// The ARN.
        arn: String,
        /// What it is.
        what: &'static str,
    },
    /// The user's: a principal of another account.
    #[error(
        "`{arn}` belongs to account {theirs}, and the credential to {own}\nhelp: use a credential of \
         account {theirs}"
    )]
    OtherAccount {
        /// The ARN.
        arn: String,
        /// Its account.
        theirs: String,
        /// The credential's.
        own: String,
    },
}

/// Returns what turns an SDK error of an operation into a [`CallError`].
pub(super) fn failed<E>(
    operation: &'static str,
    resource: &str,
) -> impl FnOnce(SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let resource = resource.to_owned();
    move |error| {
        let request_id = error.request_id().unwrap_or_default().to_owned();
        let code = error.code().unwrap_or_default().to_owned();
        let message = match error.message() {
            Some(message) => message.to_owned(),
            None => chain(&error),
        };
        let cause = match &error {
            SdkError::ServiceError(_) => cause(&code, &message),
            other if lacks_credential(other) => Cause::NoCredential,
            _ => Cause::NoAnswer,
        };
        CallError {
            operation,
            resource,
            cause,
            code,
            message,
            request_id,
        }
    }
}

/// Returns what an answer is that lacks what it must hold: nothing was read.
pub(super) fn lacking(operation: &'static str, resource: &str) -> CallError {
    let message = "the answer lacks what it must hold".to_owned();
    unusable(operation, resource, "IncompleteAnswer", message)
}

/// Returns what an answer is that came and cannot be used; the code is ours.
pub(super) fn unusable(
    operation: &'static str,
    resource: &str,
    code: &str,
    message: String,
) -> CallError {
    CallError {
        operation,
        resource: resource.to_owned(),
        cause: Cause::Other,
        code: code.to_owned(),
        message,
        request_id: String::new(),
    }
}

/// Returns the words of an error and of what caused it. Their `Debug` holds whole answers, and an
/// answer of a metadata service may hold a secret.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    for cause in causes(error) {
        let more = cause.to_string();
        // Some errors repeat their cause.
        if !more.is_empty() && !words.ends_with(&more) {
            words = format!("{words}: {more}");
        }
    }
    words
}

fn lacks_credential(error: &dyn Error) -> bool {
    causes(error).any(|it| it.is::<CredentialsError>())
}

fn causes(error: &dyn Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let mut next = error.source();
    std::iter::from_fn(move || {
        let here = next?;
        next = here.source();
        Some(here)
    })
}

/// AWS General Reference, "Common errors", and the errors of each call in its API reference.
pub(super) fn cause(code: &str, message: &str) -> Cause {
    const SIGNATURE_IN_TIME: [&str; 2] = ["Signature expired", "Signature not yet current"];
    match code {
        "RequestExpired" | "RequestTimeTooSkewed" => Cause::Clock,
        "SignatureDoesNotMatch" | "InvalidSignatureException"
            if SIGNATURE_IN_TIME.iter().any(|it| message.contains(it)) =>
        {
            Cause::Clock
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "AuthFailure"
        | "InvalidAccessKeyId"
        | "IncompleteSignature"
        | "MissingAuthenticationToken" => Cause::BadCredential,
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => Cause::Denied,
        "NoSuchEntity" | "NoSuchEntityException" | "NoSuchResourceException" => Cause::NotFound,
        _ if code.contains("Throttl")
            || code.contains("TooManyRequests")
            || code == "RequestLimitExceeded" =>
        {
            Cause::Throttled
        }
        _ if code.ends_with("NotFoundException") => Cause::NotFound,
        _ => Cause::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, cause};

    #[test]
    fn a_skewed_clock_is_no_bad_key() {
        let message = "Signature expired: 20261129T000000Z is now earlier than 20261129T001500Z";
        assert_eq!(cause("SignatureDoesNotMatch", message), Cause::Clock);
        let other =
            "The request signature we calculated does not match the signature you provided.";
        assert_eq!(cause("SignatureDoesNotMatch", other), Cause::BadCredential);
    }

    #[test]
    fn throttling_has_many_names() {
        for code in [
            "Throttling",
            "ThrottlingException",
            "RequestLimitExceeded",
            "TooManyRequestsException",
        ] {
            assert_eq!(cause(code, ""), Cause::Throttled, "{code}");
        }
    }
}
