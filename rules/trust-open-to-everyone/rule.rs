//! Flags roles that anybody can assume, proven by the exact analysis.

use crate::analyze::Reach;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(everyone) = statement.everyone() else {
        return;
    };
    let index = cx.index();
    if cx
        .open_statement(index)
        .is_none_or(|it| it.reach != Reach::Yes)
    {
        return;
    }
    cx.report(everyone.span, "anybody can assume the role")
        .label("users and roles of every AWS account")
        .why("a stranger who assumes the role has all its permissions")
        .help("name the accounts or roles that need it, or demand `aws:PrincipalOrgID`");
}
