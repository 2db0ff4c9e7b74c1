//! Flags `iam:PassRole` on every role together with what runs a cluster or job.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_passed_role(
        "in the statement of `iam:PassRole` name the roles that clusters and jobs may have, and give none of them more than it needs",
    );
}
