//! Flags actions that tag that are allowed on `*` although they work on resources.

use crate::catalog::AccessLevel;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let why = "whoever can set tags decides what conditions on tags let through";
    cx.report_width(
        statement,
        AccessLevel::Tagging,
        why,
        Some("name resources, or add a condition on `aws:TagKeys`"),
    );
}
