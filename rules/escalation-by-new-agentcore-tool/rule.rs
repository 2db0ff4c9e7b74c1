//! Flags `iam:PassRole` on every role together with what creates and uses an AgentCore tool.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_passed_role(
        "in the statement of `iam:PassRole` name the roles that tools and runtimes may have, and give none of them more than it needs",
    );
}
