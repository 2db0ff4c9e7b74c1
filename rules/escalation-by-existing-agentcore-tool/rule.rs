//! Flags the right to run code in every AgentCore tool.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_taken_role("name the tools and runtimes");
}
