//! Flags the right to change what every Lambda function runs.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_taken_role("name the functions, such as `arn:aws:lambda:*:*:function:app-*`, or limit them by `aws:ResourceTag`");
}
