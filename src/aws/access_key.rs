//! A user's access keys, listed, made, deactivated and deleted by an administrator's credential.
//!
//! No vendor's credential needs any of these calls, and no profile or generated policy gives them to
//! one. Which key may be touched is decided by the caller; nothing here decides.

use aws_sdk_iam::types::StatusType;
use aws_smithy_types::retry::RetryConfig;
use secrecy::SecretString;

use super::connection::Connection;
use super::error::{CallError, failed, lacking};

/// The access keys of one user.
#[derive(Debug)]
pub struct Keys<'a> {
    connection: &'a Connection,
    user: &'a str,
}

/// An access key as IAM lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// Whether AWS takes it.
    pub is_active: bool,
    /// When it was made, in seconds since 1970.
    pub made: Option<i64>,
}

/// A new access key. Its debug form shows no secret.
#[derive(Debug)]
pub struct Made {
    /// Its id.
    pub id: String,
    /// Its secret, which AWS never says again.
    pub secret: SecretString,
}

impl<'a> Keys<'a> {
    /// Returns the keys of a user of this name, without its path, of the credential's account.
    #[must_use]
    pub fn of(connection: &'a Connection, user: &'a str) -> Self {
        Self { connection, user }
    }

    /// Returns every key of the user; a user has at most two (IAM User Guide, "IAM and AWS STS
    /// quotas").
    ///
    /// # Errors
    ///
    /// It may not be asked, there is no such user, or nobody answered.
    pub fn list(&self) -> Result<Vec<Listed>, CallError> {
        let iam = &self.connection.iam;
        self.connection.wait(async {
            let mut pages = iam
                .list_access_keys()
                .user_name(self.user)
                .into_paginator()
                .send();
            let mut found = Vec::new();
            while let Some(page) = pages.next().await {
                let page = page.map_err(failed("iam:ListAccessKeys", self.user))?;
                for key in page.access_key_metadata() {
                    let id = key.access_key_id();
                    let id = id.ok_or_else(|| lacking("iam:ListAccessKeys", self.user))?;
                    found.push(Listed {
                        id: id.to_owned(),
                        is_active: key.status() == Some(&StatusType::Active),
                        made: key.create_date().map(aws_smithy_types::DateTime::secs),
                    });
                }
            }
            Ok(found)
        })
    }

    /// Makes a key. It is asked for once: where the answer is lost the key may be there, with a
    /// secret that nobody knows, and asking again would make one more (IAM API Reference,
    /// "`CreateAccessKey`", has no client token).
    ///
    /// # Errors
    ///
    /// It may not be asked, there are two keys, or the answer did not arrive.
    pub fn create(&self) -> Result<Made, CallError> {
        const OPERATION: &str = "iam:CreateAccessKey";
        let once = RetryConfig::standard().with_max_attempts(1);
        let once = aws_sdk_iam::config::Builder::new().retry_config(once);
        let call = self.connection.iam.create_access_key().user_name(self.user);
        let call = call.customize().config_override(once);
        let answer = self.connection.wait(call.send());
        let answer = answer.map_err(failed(OPERATION, self.user))?;
        let key = answer
            .access_key
            .ok_or_else(|| lacking(OPERATION, self.user))?;
        Ok(Made {
            id: key.access_key_id,
            secret: SecretString::from(key.secret_access_key),
        })
    }

    /// Makes AWS refuse a key. Doing so twice is harmless.
    ///
    /// # Errors
    ///
    /// It may not be asked, there is no such key, or nobody answered.
    pub fn deactivate(&self, id: &str) -> Result<(), CallError> {
        let call = self.connection.iam.update_access_key().user_name(self.user);
        let call = call.access_key_id(id).status(StatusType::Inactive);
        let answer = self.connection.wait(call.send());
        answer.map_err(failed("iam:UpdateAccessKey", id))?;
        Ok(())
    }

    /// Deletes a key for good.
    ///
    /// # Errors
    ///
    /// It may not be asked, there is no such key, or nobody answered.
    pub fn delete(&self, id: &str) -> Result<(), CallError> {
        let call = self.connection.iam.delete_access_key().user_name(self.user);
        let answer = self.connection.wait(call.access_key_id(id).send());
        answer.map_err(failed("iam:DeleteAccessKey", id))?;
        Ok(())
    }

    /// Returns whether a key was ever used.
    ///
    /// # Errors
    ///
    /// It may not be asked, there is no such key, or nobody answered.
    pub fn was_used(&self, id: &str) -> Result<bool, CallError> {
        const OPERATION: &str = "iam:GetAccessKeyLastUsed";
        let call = self.connection.iam.get_access_key_last_used();
        let answer = self.connection.wait(call.access_key_id(id).send());
        let answer = answer.map_err(failed(OPERATION, id))?;
        let used = answer
            .access_key_last_used
            .ok_or_else(|| lacking(OPERATION, id))?;
        Ok(used.last_used_date.is_some())
    }

    /// Returns the values of the user's tags of this key.
    ///
    /// # Errors
    ///
    /// It may not be asked, there is no such user, or nobody answered.
    pub fn tag(&self, key: &str) -> Result<Option<String>, CallError> {
        let call = self.connection.iam.get_user().user_name(self.user);
        let answer = self.connection.wait(call.send());
        let answer = answer.map_err(failed("iam:GetUser", self.user))?;
        let user = answer
            .user
            .ok_or_else(|| lacking("iam:GetUser", self.user))?;
        let tag = user.tags().iter().find(|it| it.key == key);
        Ok(tag.map(|it| it.value.clone()))
    }
}
