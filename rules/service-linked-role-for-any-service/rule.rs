//! Flags `iam:CreateServiceLinkedRole` allowed for every service.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, _: &Statement) {
    let index = cx.index();
    let Some(wide) = cx.wide_grant(index, "iam:CreateServiceLinkedRole") else {
        return;
    };
    if wide.not_action || wide.not_resource {
        return;
    }
    let told = cx
        .names_only(index, "iam:CreateServiceLinkedRole")
        .then(|| cx.services_linked_to())
        .flatten();
    let edit = told.and_then(|it| cx.pin(index, "iam:AWSServiceName", &it));
    cx.report(
        wide.grant.resource,
        "`iam:CreateServiceLinkedRole` is allowed for every service",
    )
    .label("matches the role of any service")
    .why("the caller can bring any service into the account, with permissions that the service chose")
    .help("pin the service with `iam:AWSServiceName`, or name the role ARN")
    .fix("pin the services that the other actions use", edit);
}
