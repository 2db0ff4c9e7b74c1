//! Flags `iam:PassRole` on every role together with what creates or updates a stack.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_passed_role(
        "in the statement of `iam:PassRole` name the service roles that stacks may work as, and give none of them more than the templates need",
    );
}
