//! Flags the right to change every App Runner service.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_taken_role("name the services, such as `arn:aws:apprunner:*:*:service/app/*`");
}
