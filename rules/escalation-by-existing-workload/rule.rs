//! Flags the right to change what workloads with a role run.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_taken_role("name the job definitions, deployment groups and state machines");
}
