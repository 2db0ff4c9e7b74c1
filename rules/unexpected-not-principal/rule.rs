//! Flags `NotPrincipal` where AWS takes none.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("unexpected-not-principal");
}
