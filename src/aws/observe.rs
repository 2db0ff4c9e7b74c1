//! Looks at an account for what a bootstrap wants: by name, and completely, page by page.

use aws_sdk_iam::types::{AttachedPermissionsBoundary, Tag};

use super::collect::decoded;
use super::error::{CallError, Cause, failed, lacking};
use crate::arn::{Arn, last_segment};
use crate::plan::{AccessKey, Account, Attachment, Policy, Role, User, What};

/// Returns what there is of what is wanted; an account is looked for in the organization.
pub(super) async fn observe(
    iam: &aws_sdk_iam::Client,
    organizations: &aws_sdk_organizations::Client,
    wanted: &What,
) -> Result<Option<What>, CallError> {
    Ok(match wanted {
        What::Account(it) => account(organizations, it).await?.map(What::Account),
        What::Policy(it) => policy(iam, it).await?.map(What::Policy),
        What::User(it) => user(iam, it).await?.map(What::User),
        What::Role(it) => role(iam, it).await?.map(What::Role),
        What::Attachment(it) => {
            let attached = there(attached(iam, &it.entity).await)?.unwrap_or_default();
            let is_there = attached.contains(&it.policy);
            is_there.then(|| What::Attachment(it.clone()))
        }
        What::AccessKey(it) => {
            let ids = there(key_ids(iam, &it.user).await)?.unwrap_or_default();
            (!ids.is_empty()).then(|| What::AccessKey(AccessKey { ids, ..it.clone() }))
        }
    })
}

/// Turns "there is no such thing" into an answer.
pub(super) fn there<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.cause == Cause::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the name of a user or role; it is unique in the account without its path (IAM User Guide,
/// "IAM identifiers").
pub(super) fn name(arn: &str) -> &str {
    Arn::parse(arn).map_or(arn, |it| last_segment(it.resource))
}

pub(super) fn is_user(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|it| it.resource.starts_with("user/"))
}

/// Organizations API Reference, "ListAccounts": an address belongs to one account only.
async fn account(
    client: &aws_sdk_organizations::Client,
    wanted: &Account,
) -> Result<Option<Account>, CallError> {
    const LIST: &str = "organizations:ListAccounts";
    let pages = client.list_accounts().into_paginator().send();
    let pages = pages
        .try_collect()
        .await
        .map_err(failed(LIST, &wanted.name))?;
    let all: Vec<_> = pages
        .into_iter()
        .flat_map(|it| it.accounts.unwrap_or_default())
        .collect();
    let by_email = all.iter().find(|it| {
        let email = it.email.as_deref();
        email.is_some_and(|it| it.eq_ignore_ascii_case(&wanted.email))
    });
    let found = by_email.or_else(|| all.iter().find(|it| it.name.as_ref() == Some(&wanted.name)));
    let Some(found) = found else {
        return Ok(None);
    };
    let lacks = || lacking(LIST, &wanted.name);
    let email = found.email.clone().ok_or_else(lacks)?;
    Ok(Some(Account {
        name: found.name.clone().ok_or_else(lacks)?,
        email: match email.eq_ignore_ascii_case(&wanted.email) {
            true => wanted.email.clone(),
            false => email,
        },
        // Nobody can ask for it from outside.
        role: wanted.role.clone(),
        id: Some(found.id.clone().ok_or_else(lacks)?),
    }))
}

async fn policy(iam: &aws_sdk_iam::Client, wanted: &Policy) -> Result<Option<Policy>, CallError> {
    let arn = &wanted.arn;
    let got = iam.get_policy().policy_arn(arn).send().await;
    let Some(got) = there(got.map_err(failed("iam:GetPolicy", arn)))? else {
        return Ok(None);
    };
    let got = got.policy.ok_or_else(|| lacking("iam:GetPolicy", arn))?;
    let lacks = || lacking("iam:GetPolicy", arn);
    let version = got.default_version_id.ok_or_else(lacks)?;
    let text = iam.get_policy_version().policy_arn(arn).version_id(version);
    let text = text
        .send()
        .await
        .map_err(failed("iam:GetPolicyVersion", arn))?;
    let text = text.policy_version.and_then(|it| it.document);
    let text = text.ok_or_else(|| lacking("iam:GetPolicyVersion", arn))?;
    Ok(Some(Policy {
        arn: got.arn.ok_or_else(lacks)?,
        name: got.policy_name.ok_or_else(lacks)?,
        path: got.path.ok_or_else(lacks)?,
        description: got.description.unwrap_or_default(),
        document: decoded(&text, "iam:GetPolicyVersion", arn)?,
        tags: tags(got.tags),
    }))
}

async fn user(iam: &aws_sdk_iam::Client, wanted: &User) -> Result<Option<User>, CallError> {
    let got = iam.get_user().user_name(&wanted.name).send().await;
    let Some(got) = there(got.map_err(failed("iam:GetUser", &wanted.arn)))? else {
        return Ok(None);
    };
    let got = got
        .user
        .ok_or_else(|| lacking("iam:GetUser", &wanted.arn))?;
    Ok(Some(User {
        arn: got.arn,
        name: got.user_name,
        path: got.path,
        boundary: boundary(got.permissions_boundary, "iam:GetUser", &wanted.arn)?,
        tags: tags(got.tags),
    }))
}

async fn role(iam: &aws_sdk_iam::Client, wanted: &Role) -> Result<Option<Role>, CallError> {
    const GET: &str = "iam:GetRole";
    let got = iam.get_role().role_name(&wanted.name).send().await;
    let Some(got) = there(got.map_err(failed(GET, &wanted.arn)))? else {
        return Ok(None);
    };
    let got = got.role.ok_or_else(|| lacking(GET, &wanted.arn))?;
    let trust = got.assume_role_policy_document;
    let trust = trust.ok_or_else(|| lacking(GET, &wanted.arn))?;
    Ok(Some(Role {
        arn: got.arn,
        name: got.role_name,
        path: got.path,
        description: got.description.unwrap_or_default(),
        trust: decoded(&trust, GET, &wanted.arn)?,
        boundary: boundary(got.permissions_boundary, GET, &wanted.arn)?,
        tags: tags(got.tags),
    }))
}

fn boundary(
    boundary: Option<AttachedPermissionsBoundary>,
    operation: &'static str,
    resource: &str,
) -> Result<Option<String>, CallError> {
    let Some(boundary) = boundary else {
        return Ok(None);
    };
    let arn = boundary.permissions_boundary_arn;
    Ok(Some(arn.ok_or_else(|| lacking(operation, resource))?))
}

/// Returns the ARNs of the managed policies on a user or role.
pub(super) async fn attached(
    iam: &aws_sdk_iam::Client,
    entity: &str,
) -> Result<Vec<String>, CallError> {
    let name = name(entity);
    let found = if is_user(entity) {
        let list = iam.list_attached_user_policies().user_name(name);
        let list = list.into_paginator().items().send().try_collect().await;
        list.map_err(failed("iam:ListAttachedUserPolicies", entity))?
    } else {
        let list = iam.list_attached_role_policies().role_name(name);
        let list = list.into_paginator().items().send().try_collect().await;
        list.map_err(failed("iam:ListAttachedRolePolicies", entity))?
    };
    Ok(found.into_iter().filter_map(|it| it.policy_arn).collect())
}

/// Returns the ids of a user's access keys.
pub(super) async fn key_ids(
    iam: &aws_sdk_iam::Client,
    user: &str,
) -> Result<Vec<String>, CallError> {
    let list = iam.list_access_keys().user_name(name(user));
    let list = list.into_paginator().items().send().try_collect().await;
    let list: Vec<_> = list.map_err(failed("iam:ListAccessKeys", user))?;
    Ok(list.into_iter().filter_map(|it| it.access_key_id).collect())
}

fn tags(tags: Option<Vec<Tag>>) -> Vec<(String, String)> {
    let tags = tags.unwrap_or_default();
    tags.into_iter().map(|it| (it.key, it.value)).collect()
}

/// Returns whether a policy hangs on a user or role, in words, for each that it hangs on.
pub(super) async fn users_of(
    iam: &aws_sdk_iam::Client,
    arn: &str,
) -> Result<Vec<String>, CallError> {
    let list = iam.list_entities_for_policy().policy_arn(arn);
    let pages = list.into_paginator().send().try_collect().await;
    let pages: Vec<_> = pages.map_err(failed("iam:ListEntitiesForPolicy", arn))?;
    let mut found = Vec::new();
    for page in pages {
        let users = page.policy_users.unwrap_or_default().into_iter();
        let roles = page.policy_roles.unwrap_or_default().into_iter();
        let groups = page.policy_groups.unwrap_or_default().into_iter();
        let word =
            |kind: &str, name: Option<String>| format!("{kind} `{}`", name.unwrap_or_default());
        found.extend(users.map(|it| word("user", it.user_name)));
        found.extend(roles.map(|it| word("role", it.role_name)));
        found.extend(groups.map(|it| word("group", it.group_name)));
    }
    Ok(found)
}

/// Returns what hangs on a user and keeps it from being deleted (IAM API Reference, "DeleteUser").
pub(super) async fn hangs_on_user(
    iam: &aws_sdk_iam::Client,
    arn: &str,
) -> Result<Vec<String>, CallError> {
    let own = name(arn);
    let mut found = Vec::new();
    let keys = key_ids(iam, arn).await?.into_iter();
    found.extend(keys.map(|it| format!("access key {it}")));
    let policies = attached(iam, arn).await?.into_iter();
    found.extend(policies.map(|it| format!("attached policy `{it}`")));
    let inline = iam.list_user_policies().user_name(own).into_paginator();
    let inline = inline.items().send().try_collect().await;
    let inline: Vec<_> = inline.map_err(failed("iam:ListUserPolicies", arn))?;
    found.extend(inline.into_iter().map(|it| format!("inline policy `{it}`")));
    let groups = iam.list_groups_for_user().user_name(own).into_paginator();
    let groups = groups.items().send().try_collect().await;
    let groups: Vec<_> = groups.map_err(failed("iam:ListGroupsForUser", arn))?;
    found.extend(
        groups
            .into_iter()
            .map(|it| format!("member of group `{}`", it.group_name)),
    );
    Ok(found)
}

/// Returns what hangs on a role and keeps it from being deleted (IAM API Reference, "DeleteRole").
pub(super) async fn hangs_on_role(
    iam: &aws_sdk_iam::Client,
    arn: &str,
) -> Result<Vec<String>, CallError> {
    let own = name(arn);
    let mut found = Vec::new();
    let policies = attached(iam, arn).await?.into_iter();
    found.extend(policies.map(|it| format!("attached policy `{it}`")));
    let inline = iam.list_role_policies().role_name(own).into_paginator();
    let inline = inline.items().send().try_collect().await;
    let inline: Vec<_> = inline.map_err(failed("iam:ListRolePolicies", arn))?;
    found.extend(inline.into_iter().map(|it| format!("inline policy `{it}`")));
    let list = iam.list_instance_profiles_for_role().role_name(own);
    let list = list.into_paginator().items().send().try_collect().await;
    let list: Vec<_> = list.map_err(failed("iam:ListInstanceProfilesForRole", arn))?;
    let list = list.into_iter();
    found.extend(list.map(|it| format!("instance profile `{}`", it.instance_profile_name)));
    Ok(found)
}

/// Returns what an attachment is, for errors.
pub(super) fn joined(it: &Attachment) -> String {
    format!("{} on {}", it.policy, it.entity)
}
