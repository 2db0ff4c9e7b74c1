//! Creates a member account of the organization and asks how far it is.
//!
//! AWS Organizations API Reference, "CreateAccount": it answers at once with a request, and the
//! account comes later or not at all.

use aws_sdk_organizations::types::{CreateAccountState, CreateAccountStatus};

use super::error::{CallError, failed, lacking};
use crate::plan::Account;
use crate::provision::Progress;

/// Asks for an account, and returns the id of the request.
pub(super) async fn create(
    client: &aws_sdk_organizations::Client,
    wanted: &Account,
) -> Result<String, CallError> {
    const CREATE: &str = "organizations:CreateAccount";
    let call = client.create_account().account_name(&wanted.name);
    let call = call.email(&wanted.email).role_name(&wanted.role);
    let answer = call.send().await.map_err(failed(CREATE, &wanted.name))?;
    let id = answer.create_account_status.and_then(|it| it.id);
    id.ok_or_else(|| lacking(CREATE, &wanted.name))
}

/// Returns how far a request is.
pub(super) async fn progress(
    client: &aws_sdk_organizations::Client,
    request: &str,
) -> Result<Progress, CallError> {
    const DESCRIBE: &str = "organizations:DescribeCreateAccountStatus";
    let call = client.describe_create_account_status();
    let answer = call.create_account_request_id(request).send().await;
    let answer = answer.map_err(failed(DESCRIBE, request))?;
    let status = answer.create_account_status;
    let status = status.ok_or_else(|| lacking(DESCRIBE, request))?;
    match status.state {
        Some(CreateAccountState::Succeeded) => {
            let id = status.account_id;
            Ok(Progress::Done(
                id.ok_or_else(|| lacking(DESCRIBE, request))?,
            ))
        }
        Some(CreateAccountState::Failed) => {
            let reason = status.failure_reason.map(|it| it.as_str().to_owned());
            let reason = reason.unwrap_or_else(|| "no reason was given".to_owned());
            Ok(Progress::Failed(reason))
        }
        _ => Ok(Progress::Pending),
    }
}

/// Returns the latest request for an account of this name that has not failed. Requests are listed
/// with names, but without addresses.
pub(super) async fn find(
    client: &aws_sdk_organizations::Client,
    wanted: &Account,
) -> Result<Option<String>, CallError> {
    const LIST: &str = "organizations:ListCreateAccountStatus";
    let pages = client.list_create_account_status().into_paginator().send();
    let pages = pages
        .try_collect()
        .await
        .map_err(failed(LIST, &wanted.name))?;
    let all = pages
        .into_iter()
        .flat_map(|it| it.create_account_statuses.unwrap_or_default());
    let is_open = |it: &CreateAccountStatus| {
        it.account_name.as_ref() == Some(&wanted.name)
            && it.state != Some(CreateAccountState::Failed)
    };
    let latest = all
        .filter(is_open)
        .max_by_key(|it| it.requested_timestamp.map_or(0, |it| it.secs()));
    Ok(latest.and_then(|it| it.id))
}

/// Closes an account.
pub(super) async fn close(
    client: &aws_sdk_organizations::Client,
    account: &str,
) -> Result<(), CallError> {
    let answer = client.close_account().account_id(account).send().await;
    answer
        .map(drop)
        .map_err(failed("organizations:CloseAccount", account))
}
