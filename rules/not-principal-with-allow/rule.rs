//! Flags `NotPrincipal` with `Allow`.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("not-principal-with-allow");
}
