//! Flags `NotAction` that leaves in `iam:PassRole`.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if !statement.action.negated {
        return;
    }
    let index = cx.index();
    let Some(wide) = cx.wide_grant(index, "iam:PassRole") else {
        return;
    };
    let on = if wide.not_resource {
        "every role but those in `NotResource`"
    } else {
        "every role"
    };
    let edit = cx.except_action(index, "iam:PassRole");
    cx.report(
        wide.grant.action,
        format!("`NotAction` leaves in `iam:PassRole` on {on}"),
    )
    .label("everything but these")
    .why("the caller can hand a more powerful role to a service it controls")
    .help(
        "add `iam:PassRole` to `NotAction`, and allow it on named roles in a statement of its own",
    )
    .fix("add `iam:PassRole` to `NotAction`", edit);
}
