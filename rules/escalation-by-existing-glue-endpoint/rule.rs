//! Flags the right to log in to every Glue development endpoint.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_taken_role("name the endpoints, such as `arn:aws:glue:*:*:devEndpoint/app-*`");
}
