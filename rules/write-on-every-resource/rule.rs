//! Flags actions that change that are allowed on `*` although they work on resources.

use crate::catalog::AccessLevel;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let why = "a mistake or a stolen credential reaches every resource of the account";
    cx.report_width(statement, AccessLevel::Write, why, None);
}
