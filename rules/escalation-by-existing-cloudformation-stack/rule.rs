//! Flags the right to update every stack.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_taken_role("name the stacks, such as `arn:aws:cloudformation:*:*:stack/app-*/*`");
}
