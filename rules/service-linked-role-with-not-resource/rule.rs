//! Flags `iam:CreateServiceLinkedRole` allowed with `NotResource`.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, _: &Statement) {
    let Some(wide) = cx.wide_grant(cx.index(), "iam:CreateServiceLinkedRole") else {
        return;
    };
    if wide.not_resource && !wide.not_action {
        cx.report(
            wide.grant.resource,
            "`iam:CreateServiceLinkedRole` is allowed for every service but those in `NotResource`",
        )
        .label("the role of any other service")
        .why("the caller can bring any other service into the account, with permissions that the service chose")
        .help("name the role ARNs in `Resource`, or pin the service with `iam:AWSServiceName`");
    }
}
