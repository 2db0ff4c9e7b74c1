//! Reads the policies of an organization that bind one account.
//!
//! Only the management account and delegated administrators may read them (AWS Organizations User
//! Guide, "Delegated administrator for AWS Organizations"); for everybody else they stay unknown.

use std::collections::BTreeMap;

use aws_sdk_organizations::operation::describe_organization::DescribeOrganizationOutput;
use aws_sdk_organizations::types::{PolicyType, PolicyTypeStatus};

use super::collect::{Progress, Reading};
use super::connection::Connection;
use super::error::{CallError, failed, lacking};
use crate::account::{Level, Organization, Text};

const WHAT: &str = "the organization's policies";
const LIST: &str = "organizations:ListPoliciesForTarget";

/// What is known of the organization.
pub(super) enum Found {
    /// AWS said that there is none.
    None,
    /// Its policies.
    Policies(Organization),
    /// It could not be read: the reading says why.
    Unread,
}

pub(super) async fn read(
    connection: &Connection,
    reading: &mut Reading,
    account: &str,
    progress: Progress<'_>,
) -> Found {
    let answer = connection
        .organizations
        .describe_organization()
        .send()
        .await;
    match answer.map_err(failed("organizations:DescribeOrganization", "")) {
        // AWS Organizations API Reference, "DescribeOrganization".
        Err(error) if error.code == "AWSOrganizationsNotInUseException" => Found::None,
        answer => {
            let found = policies(connection, reading, account, answer, progress).await;
            found.map_or(Found::Unread, Found::Policies)
        }
    }
}

async fn policies(
    connection: &Connection,
    reading: &mut Reading,
    account: &str,
    answer: Result<DescribeOrganizationOutput, CallError>,
    progress: Progress<'_>,
) -> Option<Organization> {
    let client = &connection.organizations;
    let answer = reading.keep(WHAT, answer)?.organization;
    let mut reader = Reader {
        client,
        reading,
        documents: BTreeMap::new(),
    };
    let organization = reader.held(answer, "organizations:DescribeOrganization", "")?;
    let targets = reader.targets(account).await?;
    let root = targets.first().filter(|it| it.starts_with("r-")).cloned();
    let root = reader.held(root, "organizations:ListParents", account)?;
    let on = reader.switched_on(&root).await?;
    let mut found = Organization {
        id: organization.id.unwrap_or_default(),
        management_account: organization.master_account_id.unwrap_or_default(),
        scps: None,
        rcps: None,
    };
    if on.contains(&PolicyType::ServiceControlPolicy) {
        let kind = PolicyType::ServiceControlPolicy;
        found.scps = Some(reader.levels(&targets, &kind, progress).await?);
    }
    if on.contains(&PolicyType::ResourceControlPolicy) {
        let kind = PolicyType::ResourceControlPolicy;
        found.rcps = Some(reader.levels(&targets, &kind, progress).await?);
    }
    Some(found)
}

struct Reader<'a> {
    client: &'a aws_sdk_organizations::Client,
    reading: &'a mut Reading,
    documents: BTreeMap<String, Text>,
}

impl Reader<'_> {
    /// Returns what an answer holds; an answer without it is not read, which is said.
    fn held<T>(&mut self, part: Option<T>, operation: &'static str, resource: &str) -> Option<T> {
        self.reading
            .keep(WHAT, part.ok_or_else(|| lacking(operation, resource)))
    }

    /// Returns the root, the organizational units and the account, from above.
    async fn targets(&mut self, account: &str) -> Option<Vec<String>> {
        let mut targets = vec![account.to_owned()];
        // The deepest tree has a root and five levels of units ("Quotas for AWS Organizations").
        for _ in 0..8 {
            let child = targets.last()?.clone();
            let parents = self.client.list_parents().child_id(&child);
            let pages = parents.into_paginator().send().try_collect().await;
            let pages = pages.map_err(failed("organizations:ListParents", &child));
            let pages = self.reading.keep(WHAT, pages)?.into_iter();
            let parent = pages.flat_map(|it| it.parents.unwrap_or_default()).next();
            let parent = parent.and_then(|it| it.id);
            let parent = self.held(parent, "organizations:ListParents", &child)?;
            let is_root = parent.starts_with("r-");
            targets.push(parent);
            if is_root {
                break;
            }
        }
        targets.reverse();
        Some(targets)
    }

    async fn switched_on(&mut self, root: &str) -> Option<Vec<PolicyType>> {
        let pages = self.client.list_roots().into_paginator().send();
        let pages = pages.try_collect().await;
        let pages = pages.map_err(failed("organizations:ListRoots", root));
        let pages = self.reading.keep(WHAT, pages)?.into_iter();
        let mut roots = pages.flat_map(|it| it.roots.unwrap_or_default());
        let own = roots.find(|it| it.id.as_deref() == Some(root));
        let own = self.held(own, "organizations:ListRoots", root)?;
        let on = own.policy_types.unwrap_or_default().into_iter();
        let on = on.filter(|it| it.status == Some(PolicyTypeStatus::Enabled));
        Some(on.filter_map(|it| it.r#type).collect())
    }

    async fn levels(
        &mut self,
        targets: &[String],
        kind: &PolicyType,
        progress: Progress<'_>,
    ) -> Option<Vec<Level>> {
        let mut levels = Vec::new();
        for target in targets {
            progress(target);
            let listed = self.client.list_policies_for_target();
            let listed = listed.target_id(target).filter(kind.clone());
            let pages = listed.into_paginator().send().try_collect().await;
            let pages = pages.map_err(failed(LIST, target));
            let pages = self.reading.keep(WHAT, pages)?.into_iter();
            let mut policies = Vec::new();
            for summary in pages.flat_map(|it| it.policies.unwrap_or_default()) {
                let id = self.held(summary.id, LIST, target)?;
                policies.push(self.document(&id).await?);
            }
            levels.push(Level {
                target: target.clone(),
                policies,
            });
        }
        Some(levels)
    }

    async fn document(&mut self, id: &str) -> Option<Text> {
        if let Some(known) = self.documents.get(id) {
            return Some(known.clone());
        }
        let answer = self.client.describe_policy().policy_id(id).send().await;
        let answer = answer.map_err(failed("organizations:DescribePolicy", id));
        let policy = self.reading.keep(WHAT, answer)?.policy;
        let policy = self.held(policy, "organizations:DescribePolicy", id)?;
        let content = self.held(policy.content, "organizations:DescribePolicy", id)?;
        let summary = policy.policy_summary;
        let text = Text {
            name: summary
                .and_then(|it| it.arn)
                .unwrap_or_else(|| id.to_owned()),
            text: content,
        };
        self.documents.insert(id.to_owned(), text.clone());
        Some(text)
    }
}
