//! Flags `iam:PassRole` on every role together with what has Auto Scaling launch instances.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_passed_role(
        "in the statement of `iam:PassRole` name the roles that the instances of groups may have, and give none of them more than it needs",
    );
}
