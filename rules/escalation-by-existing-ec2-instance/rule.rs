//! Flags the rights that lead into every EC2 instance.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_taken_role("name the instances, or limit them by `aws:ResourceTag`");
}
