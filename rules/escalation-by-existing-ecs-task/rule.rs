//! Flags the right to run commands in every ECS task.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_taken_role(
        "name the clusters and tasks, or limit them by `aws:ResourceTag` or `ecs:container-name`",
    );
}
