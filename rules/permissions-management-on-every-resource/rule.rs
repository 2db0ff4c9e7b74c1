//! Flags actions that change permissions that are allowed on `*` although they work on resources.

use crate::catalog::AccessLevel;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let why = "whoever changes who may use a resource can open it to themselves and to others";
    cx.report_width(statement, AccessLevel::PermissionsManagement, why, None);
}
