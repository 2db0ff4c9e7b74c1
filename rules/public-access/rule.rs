//! Flags statements that let anybody in without a condition, proven by the exact analysis.

use crate::analyze::Reach;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if !statement.conditions.is_empty() {
        return;
    }
    let index = cx.index();
    let open = cx.open_statement(index);
    if !open.is_some_and(|it| it.reach == Reach::Yes && !it.through_service) {
        return;
    }
    cx.report(statement.principal_span(), "anybody is let in")
        .label("every AWS account, and callers without one where the service takes them")
        .why("the statement has no condition, and no Deny keeps strangers out")
        .help("name the accounts or roles, or add a condition such as `aws:PrincipalOrgID`");
}
