//! Flags `iam:PassRole` on every role together with what creates and activates a pipeline.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_passed_role(
        "in the statement of `iam:PassRole` name the roles that pipelines may have, and give none of them more than it needs",
    );
}
