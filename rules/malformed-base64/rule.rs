//! Flags values under `BinaryEquals` that are no base64 texts.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("malformed-base64");
}
