//! A key of AWS KMS as the store's wrapping key: here `store` and `aws` meet.

use secrecy::{ExposeSecret as _, SecretBox};

use crate::aws::{CallError, Connection};
use crate::store::key::{DataKey, KeyError, WrappingKey};
use crate::store::seal::Place;

/// A symmetric KMS key, and who may use it.
pub(super) struct ServiceKey {
    /// As the user named it.
    key: String,
    /// As records name it.
    id: String,
    connection: Connection,
}

impl ServiceKey {
    pub(super) fn new(key: &str, connection: Connection) -> Self {
        Self {
            key: key.to_owned(),
            id: format!("aws-kms:{key}"),
            connection,
        }
    }

    fn failure(&self, error: &CallError) -> KeyError {
        let id = self.id.clone();
        // AWS KMS API Reference, "Decrypt": the ciphertext, or what it is bound to, was changed, or
        // it is another key's.
        match error.code.as_str() {
            "InvalidCiphertextException" | "IncorrectKeyException" => KeyError::Refused { id },
            _ => KeyError::Service {
                id,
                reason: error.to_string(),
            },
        }
    }
}

impl WrappingKey for ServiceKey {
    fn id(&self) -> &str {
        &self.id
    }

    fn wrap(&self, key: &DataKey, place: &Place<'_>) -> Result<Vec<u8>, KeyError> {
        let context = place.pairs(&self.id);
        let wrapped = self
            .connection
            .encrypt(&self.key, key.expose_secret(), &context);
        wrapped.map_err(|error| self.failure(&error))
    }

    fn open(&self, wrapped: &[u8], place: &Place<'_>) -> Result<DataKey, KeyError> {
        let context = place.pairs(&self.id);
        let plain = self
            .connection
            .decrypt(&self.key, wrapped, &context)
            .map_err(|error| self.failure(&error))?;
        let mut is_whole = false;
        let key = SecretBox::init_with_mut(|it: &mut [u8; 32]| {
            is_whole = plain.len() == it.len();
            if is_whole {
                it.copy_from_slice(&plain);
            }
        });
        match is_whole {
            true => Ok(key),
            false => Err(KeyError::Refused {
                id: self.id.clone(),
            }),
        }
    }
}
