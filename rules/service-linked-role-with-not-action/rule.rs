//! Flags `NotAction` that leaves in `iam:CreateServiceLinkedRole`.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if !statement.action.negated {
        return;
    }
    let index = cx.index();
    let Some(wide) = cx.wide_grant(index, "iam:CreateServiceLinkedRole") else {
        return;
    };
    let on = if wide.not_resource {
        "every service but those in `NotResource`"
    } else {
        "every service"
    };
    let edit = cx.except_action(index, "iam:CreateServiceLinkedRole");
    cx.report(
        wide.grant.action,
        format!("`NotAction` leaves in `iam:CreateServiceLinkedRole` for {on}"),
    )
    .label("everything but these")
    .why("the caller can bring any service into the account, with permissions that the service chose")
    .help("add `iam:CreateServiceLinkedRole` to `NotAction`, and allow it for named services in a statement of its own")
    .fix("add `iam:CreateServiceLinkedRole` to `NotAction`", edit);
}
