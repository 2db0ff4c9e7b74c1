//! Reads what one user or role may do: its policies, those of its groups, boundary and trust.

use aws_sdk_iam::types::{AttachedPermissionsBoundary, AttachedPolicy, Tag};

use super::collect::{Named, Reading, decoded};
use super::connection::Connection;
use super::error::{CallError, failed, lacking};
use crate::account::{IdentityPolicy, Origin, Principal, Text};

/// Reads a principal; what is refused leaves it incomplete.
pub(super) async fn read(
    connection: &Connection,
    reading: &mut Reading,
    named: &Named,
    partition: &str,
) -> Principal {
    let mut reader = Reader {
        iam: &connection.iam,
        reading,
        partition,
        complete: true,
        policies: Vec::new(),
    };
    let mut principal = match named.is_role {
        true => reader.role(named).await,
        false => reader.user(named).await,
    };
    principal.complete = reader.complete;
    principal.policies = reader.policies;
    principal
}

struct Reader<'a> {
    iam: &'a aws_sdk_iam::Client,
    reading: &'a mut Reading,
    partition: &'a str,
    complete: bool,
    policies: Vec<IdentityPolicy>,
}

impl Reader<'_> {
    fn keep<T>(&mut self, what: &str, answer: Result<T, CallError>) -> Option<T> {
        let kept = self.reading.keep(what, answer);
        self.complete &= kept.is_some();
        kept
    }

    async fn user(&mut self, named: &Named) -> Principal {
        let name = &named.name;
        let answer = self.iam.get_user().user_name(name).send().await;
        let user = answer.map_err(failed("iam:GetUser", &named.arn));
        let user = user.and_then(|it| it.user.ok_or_else(|| lacking("iam:GetUser", &named.arn)));
        let user = self.keep("the user with its boundary and tags", user);
        let mut principal = Principal {
            arn: user.as_ref().map_or(&named.arn, |it| &it.arn).clone(),
            ..Principal::default()
        };
        if let Some(user) = user {
            principal.tags = tags(user.tags);
            principal.boundary = self
                .boundary("iam:GetUser", user.permissions_boundary)
                .await;
        }
        let owner = principal.arn.clone();
        let names = self.iam.list_user_policies().user_name(name);
        let names = names.into_paginator().items().send().try_collect().await;
        let names = names.map_err(failed("iam:ListUserPolicies", &owner));
        for policy in self
            .keep("the names of inline policies", names)
            .unwrap_or_default()
        {
            let got = self
                .iam
                .get_user_policy()
                .user_name(name)
                .policy_name(&policy);
            let got = got.send().await.map(|it| it.policy_document);
            let got = got.map_err(failed("iam:GetUserPolicy", &owner));
            self.inline(&owner, &policy, Origin::Inline, got, "iam:GetUserPolicy");
        }
        let attached = self.iam.list_attached_user_policies().user_name(name);
        let attached = attached.into_paginator().items().send().try_collect().await;
        let attached = attached.map_err(failed("iam:ListAttachedUserPolicies", &owner));
        let attached = self.keep("the attached policies", attached);
        self.attached("iam:ListAttachedUserPolicies", attached, &Origin::Attached)
            .await;
        let groups = self.iam.list_groups_for_user().user_name(name);
        let groups = groups.into_paginator().items().send().try_collect().await;
        let groups = groups.map_err(failed("iam:ListGroupsForUser", &owner));
        for group in self
            .keep("the groups of the user", groups)
            .unwrap_or_default()
        {
            self.group(&group.group_name, &group.arn).await;
        }
        principal
    }

    async fn group(&mut self, name: &str, arn: &str) {
        let origin = || Origin::Group(arn.to_owned());
        let names = self.iam.list_group_policies().group_name(name);
        let names = names.into_paginator().items().send().try_collect().await;
        let names = names.map_err(failed("iam:ListGroupPolicies", arn));
        let what = "the names of the group's inline policies";
        for policy in self.keep(what, names).unwrap_or_default() {
            let got = self
                .iam
                .get_group_policy()
                .group_name(name)
                .policy_name(&policy);
            let got = got.send().await.map(|it| it.policy_document);
            let got = got.map_err(failed("iam:GetGroupPolicy", arn));
            self.inline(arn, &policy, origin(), got, "iam:GetGroupPolicy");
        }
        let attached = self.iam.list_attached_group_policies().group_name(name);
        let attached = attached.into_paginator().items().send().try_collect().await;
        let attached = attached.map_err(failed("iam:ListAttachedGroupPolicies", arn));
        let attached = self.keep("the policies attached to the group", attached);
        self.attached("iam:ListAttachedGroupPolicies", attached, &origin())
            .await;
    }

    async fn role(&mut self, named: &Named) -> Principal {
        let name = &named.name;
        let answer = self.iam.get_role().role_name(name).send().await;
        let role = answer.map_err(failed("iam:GetRole", &named.arn));
        let role = role.and_then(|it| it.role.ok_or_else(|| lacking("iam:GetRole", &named.arn)));
        let role = self.keep("the role with its trust policy, boundary and tags", role);
        let mut principal = Principal {
            arn: role.as_ref().map_or(&named.arn, |it| &it.arn).clone(),
            ..Principal::default()
        };
        let owner = principal.arn.clone();
        if let Some(role) = role {
            principal.tags = tags(role.tags);
            principal.max_session = role
                .max_session_duration
                .and_then(|it| u32::try_from(it).ok());
            let trust = role.assume_role_policy_document;
            let trust = trust.ok_or_else(|| lacking("iam:GetRole", &owner));
            let trust = trust.and_then(|it| decoded(&it, "iam:GetRole", &owner));
            principal.trust = self.keep("the trust policy", trust).map(|text| Text {
                name: owner.clone(),
                text,
            });
            principal.boundary = self
                .boundary("iam:GetRole", role.permissions_boundary)
                .await;
        }
        let names = self.iam.list_role_policies().role_name(name);
        let names = names.into_paginator().items().send().try_collect().await;
        let names = names.map_err(failed("iam:ListRolePolicies", &owner));
        for policy in self
            .keep("the names of inline policies", names)
            .unwrap_or_default()
        {
            let got = self
                .iam
                .get_role_policy()
                .role_name(name)
                .policy_name(&policy);
            let got = got.send().await.map(|it| it.policy_document);
            let got = got.map_err(failed("iam:GetRolePolicy", &owner));
            self.inline(&owner, &policy, Origin::Inline, got, "iam:GetRolePolicy");
        }
        let attached = self.iam.list_attached_role_policies().role_name(name);
        let attached = attached.into_paginator().items().send().try_collect().await;
        let attached = attached.map_err(failed("iam:ListAttachedRolePolicies", &owner));
        let attached = self.keep("the attached policies", attached);
        self.attached("iam:ListAttachedRolePolicies", attached, &Origin::Attached)
            .await;
        principal
    }

    fn inline(
        &mut self,
        owner: &str,
        name: &str,
        origin: Origin,
        got: Result<String, CallError>,
        operation: &'static str,
    ) {
        let label = format!("{owner}#{name}");
        let text = got.and_then(|it| decoded(&it, operation, &label));
        if let Some(text) = self.keep(&format!("the inline policy `{name}`"), text) {
            self.policies.push(IdentityPolicy {
                origin,
                text: Text { name: label, text },
            });
        }
    }

    async fn attached(
        &mut self,
        operation: &'static str,
        attached: Option<Vec<AttachedPolicy>>,
        origin: &Origin,
    ) {
        for policy in attached.unwrap_or_default() {
            let arn = policy.policy_arn.ok_or_else(|| lacking(operation, ""));
            let Some(arn) = self.keep("an attached policy", arn) else {
                continue;
            };
            if let Some(text) = self.managed(&arn).await {
                let origin = origin.clone();
                self.policies.push(IdentityPolicy { origin, text });
            }
        }
    }

    async fn boundary(
        &mut self,
        operation: &'static str,
        boundary: Option<AttachedPermissionsBoundary>,
    ) -> Option<Text> {
        let arn = boundary?.permissions_boundary_arn;
        let arn = arn.ok_or_else(|| lacking(operation, ""));
        let arn = self.keep("the permissions boundary", arn)?;
        self.managed(&arn).await
    }

    /// Returns the default version of a managed policy.
    async fn managed(&mut self, arn: &str) -> Option<Text> {
        if let Some(known) = self.reading.managed.get(arn).cloned() {
            self.complete &= known.is_some();
            return known.map(|text| text_of(arn, text));
        }
        let text = self.default_version(arn).await;
        self.reading.managed.insert(arn.to_owned(), text.clone());
        text.map(|text| text_of(arn, text))
    }

    async fn default_version(&mut self, arn: &str) -> Option<String> {
        let policy = self.iam.get_policy().policy_arn(arn).send().await;
        let policy = policy.map_err(failed("iam:GetPolicy", arn));
        let version = policy.and_then(|it| {
            let version = it.policy.and_then(|it| it.default_version_id);
            version.ok_or_else(|| lacking("iam:GetPolicy", arn))
        });
        let version = self.keep(&format!("the {} policy", self.whose(arn)), version)?;
        let got = self
            .iam
            .get_policy_version()
            .policy_arn(arn)
            .version_id(version);
        let got = got.send().await;
        let got = got.map_err(failed("iam:GetPolicyVersion", arn));
        let got = got.and_then(|it| {
            let document = it.policy_version.and_then(|it| it.document);
            let document = document.ok_or_else(|| lacking("iam:GetPolicyVersion", arn))?;
            decoded(&document, "iam:GetPolicyVersion", arn)
        });
        self.keep("the policy's document", got)
    }

    fn whose(&self, arn: &str) -> &'static str {
        let aws = format!("arn:{}:iam::aws:", self.partition);
        match arn.starts_with(&aws) {
            true => "AWS managed",
            false => "customer managed",
        }
    }
}

fn text_of(arn: &str, text: String) -> Text {
    Text {
        name: arn.to_owned(),
        text,
    }
}

fn tags(tags: Option<Vec<Tag>>) -> Vec<(String, String)> {
    let tags = tags.unwrap_or_default();
    tags.into_iter().map(|it| (it.key, it.value)).collect()
}
