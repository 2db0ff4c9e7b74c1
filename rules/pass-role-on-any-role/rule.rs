//! Flags `iam:PassRole` allowed on every role, with no condition on the service.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, _: &Statement) {
    let Some(wide) = cx.wide_grant(cx.index(), "iam:PassRole") else {
        return;
    };
    if wide.not_action || wide.not_resource {
        return;
    }
    let index = cx.index();
    let told = cx
        .names_only(index, "iam:PassRole")
        .then(|| cx.services_passed_to())
        .flatten();
    let edit = told.and_then(|it| cx.pin(index, "iam:PassedToService", &it));
    cx.report(
        wide.grant.resource,
        "`iam:PassRole` is allowed on every role",
    )
    .label("matches every role in the account")
    .why("the caller can hand a more powerful role to a service it controls")
    .help("name the role ARNs, and pin the service with `iam:PassedToService`")
    .fix("pin the services that the other actions use", edit);
}
