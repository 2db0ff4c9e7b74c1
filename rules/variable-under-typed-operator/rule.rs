//! Flags policy variables under operators that do not substitute them.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems("variable-under-typed-operator");
}
