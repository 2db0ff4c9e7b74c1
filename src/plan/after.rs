//! What an account says once a plan is applied: a snapshot of what the plan itself holds.

use super::{Plan, What};
use crate::account::{IdentityPolicy, Origin, Principal, Snapshot, Text};

/// Returns the users and roles of a plan with the documents that they will carry, as a snapshot of
/// an account in no organization.
///
/// A principal is complete only if the plan holds each document that it carries: what is attached
/// and made by somebody else is not known here.
#[must_use]
pub fn after(plan: &Plan) -> Snapshot {
    let principals = plan.objects.iter().filter_map(|object| match &object.what {
        What::User(user) => Some(principal(plan, &user.arn, user.boundary.as_deref(), None)),
        What::Role(role) => {
            let trust = Text {
                name: role.arn.clone(),
                text: role.trust.clone(),
            };
            let boundary = role.boundary.as_deref();
            Some(principal(plan, &role.arn, boundary, Some(trust)))
        }
        _ => None,
    });
    Snapshot {
        taken: plan.made.clone(),
        partition: plan.partition.clone(),
        account: plan.account.clone().unwrap_or_default(),
        principals: principals.collect(),
        in_no_organization: true,
        ..Snapshot::default()
    }
}

fn principal(plan: &Plan, arn: &str, boundary: Option<&str>, trust: Option<Text>) -> Principal {
    let attached = plan.objects.iter().filter_map(|it| match &it.what {
        What::Attachment(it) if it.entity == arn => Some(it.policy.as_str()),
        _ => None,
    });
    let attached: Vec<Option<Text>> = attached.map(|it| document(plan, it)).collect();
    let held = boundary.map(|it| document(plan, it));
    let policies = attached.iter().flatten().map(|text| IdentityPolicy {
        origin: Origin::Attached,
        text: text.clone(),
    });
    Principal {
        arn: arn.to_owned(),
        policies: policies.collect(),
        boundary: held.clone().flatten(),
        trust,
        complete: attached.iter().all(Option::is_some) && held.is_none_or(|it| it.is_some()),
        ..Principal::default()
    }
}

fn document(plan: &Plan, arn: &str) -> Option<Text> {
    let mut policies = plan.objects.iter().filter_map(|it| match &it.what {
        What::Policy(policy) => Some(policy),
        _ => None,
    });
    let policy = policies.find(|it| it.arn == arn)?;
    Some(Text {
        name: policy.arn.clone(),
        text: policy.document.clone(),
    })
}
