//! Flags actions that read that are allowed on `*` although they work on resources.

use crate::catalog::AccessLevel;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let why = "what is read may belong to others, and may hold what nobody should see";
    cx.report_width(statement, AccessLevel::Read, why, None);
}
