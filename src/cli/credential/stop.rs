//! Why a subcommand ends before it is done, with the exit code.

use crate::aws::{CallError, Cause};
use crate::cli::live;
use crate::store::StoreError;
use crate::store::key::KeyError;

/// What is said, and the exit code: 1 refused, 2 for the user to put right, 3 not known.
#[derive(Debug)]
pub(in crate::cli) struct Stop {
    pub(in crate::cli) message: String,
    pub(in crate::cli) code: u8,
}

impl Stop {
    pub(super) fn refused(message: impl Into<String>) -> Self {
        let message = message.into();
        Self { message, code: 1 }
    }

    pub(in crate::cli) fn wrong_use(message: impl Into<String>) -> Self {
        let message = message.into();
        Self { message, code: 2 }
    }

    pub(super) fn unknown(message: impl Into<String>) -> Self {
        let message = message.into();
        Self { message, code: 3 }
    }
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self::wrong_use(message)
    }
}

impl From<CallError> for Stop {
    fn from(error: CallError) -> Self {
        let message = live::call_error(&error);
        match error.cause {
            Cause::NoCredential | Cause::BadCredential | Cause::Clock => Self::wrong_use(message),
            _ => Self::unknown(message),
        }
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        match error {
            // Somebody else was at it: what holds now is to be looked at first.
            StoreError::Busy | StoreError::Changed { .. } | StoreError::Database(_) => {
                Self::unknown(error.to_string())
            }
            StoreError::Key(error) => error.into(),
            error => Self::wrong_use(error.to_string()),
        }
    }
}

impl From<KeyError> for Stop {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Service { .. } => Self::unknown(error.to_string()),
            error => Self::wrong_use(error.to_string()),
        }
    }
}
