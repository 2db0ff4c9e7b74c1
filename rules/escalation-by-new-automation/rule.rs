//! Flags `iam:PassRole` on every role together with what starts an automation.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_passed_role(
        "in the statement of `iam:PassRole` name the roles that automations and maintenance tasks may have, and give none of them more than it needs",
    );
}
