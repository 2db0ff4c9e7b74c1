//! Flags `iam:PassRole` on every role together with what runs a task.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_passed_role(
        "in the statement of `iam:PassRole` name the roles that tasks may have, and give none of them more than it needs",
    );
}
