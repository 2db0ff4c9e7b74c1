//! AWS KMS as the keeper of a wrapping key: it encrypts and decrypts small texts, bound to names and
//! values that must be the same both times (AWS KMS Developer Guide, "Encryption context").
//!
//! The context shows in the account's CloudTrail, and holds no secret. What is sent to KMS passes
//! through buffers of the HTTP stack, which are not wiped.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::connection::Connection;
use super::error::CallError;
use super::signed::{Request, Signed};
use crate::arn::Arn;

/// What stands before KMS's operations in the target header.
const TARGET: &str = "TrentService";

/// The names and values that a text is bound to.
type Context = [(&'static str, String)];

impl Connection {
    /// Encrypts a text of at most 4,096 bytes under a symmetric key: its id, ARN or alias (AWS KMS
    /// API Reference, "Encrypt").
    ///
    /// # Errors
    ///
    /// It may not be asked, there is no such key, or nobody answered.
    pub fn encrypt(
        &self,
        key: &str,
        plain: &[u8],
        context: &Context,
    ) -> Result<Vec<u8>, CallError> {
        #[derive(Deserialize)]
        struct Encrypted {
            #[serde(rename = "CiphertextBlob")]
            text: String,
        }
        let body = json!({
            "KeyId": key,
            "Plaintext": STANDARD.encode(plain),
            "EncryptionContext": object(context),
        });
        let answer = self.signed(call("kms:Encrypt", key, body))?;
        let encrypted: Encrypted =
            serde_json::from_str(&answer.body).map_err(|_| answer.unreadable())?;
        let bytes = STANDARD.decode(encrypted.text);
        bytes.map_err(|_| answer.unreadable())
    }

    /// Returns the text that [`Connection::encrypt`] made unreadable under the same key and for the
    /// same names and values (AWS KMS API Reference, "Decrypt").
    ///
    /// # Errors
    ///
    /// As there; `InvalidCiphertextException` says that something of it is not the same.
    pub fn decrypt(
        &self,
        key: &str,
        sealed: &[u8],
        context: &Context,
    ) -> Result<Zeroizing<Vec<u8>>, CallError> {
        // Borrowed, so that the only copy is in the answer, which is wiped.
        #[derive(Deserialize)]
        struct Decrypted<'a> {
            #[serde(rename = "Plaintext", borrow)]
            plain: &'a str,
        }
        let body = json!({
            "KeyId": key,
            "CiphertextBlob": STANDARD.encode(sealed),
            "EncryptionContext": object(context),
        });
        let answer = self.signed(call("kms:Decrypt", key, body))?;
        let decrypted: Decrypted<'_> =
            serde_json::from_str(&answer.body).map_err(|_| answer.unreadable())?;
        let bytes = STANDARD.decode(decrypted.plain).map(Zeroizing::new);
        bytes.map_err(|_| answer.unreadable())
    }
}

fn call<'a>(action: &'static str, key: &'a str, body: Value) -> Signed<'a> {
    Signed {
        action,
        resource: key,
        // A key lives in one region, which only its ARN names.
        region: Arn::parse(key).map_or("", |it| it.region),
        request: Request::Json {
            target: TARGET,
            body,
        },
    }
}

fn object(context: &Context) -> Map<String, Value> {
    let pairs = context.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
        .collect()
}
