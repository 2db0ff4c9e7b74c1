//! Flags condition keys that name the same tag in two letter cases.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("tag-keys-differing-in-case");
}
