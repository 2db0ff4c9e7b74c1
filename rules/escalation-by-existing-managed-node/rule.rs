//! Flags the right to run commands on every managed node.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_taken_role(
        "name the instances and documents, or limit the instances by `ssm:resourceTag`",
    );
}
