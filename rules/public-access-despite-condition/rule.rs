//! Flags statements whose conditions a stranger can meet, proven by the exact analysis.

use crate::analyze::Reach;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(first) = statement.conditions.first() else {
        return;
    };
    let index = cx.index();
    let open = cx.open_statement(index);
    if !open.is_some_and(|it| it.reach == Reach::Yes && !it.through_service) {
        return;
    }
    cx.report(
        statement.principal_span(),
        "anybody is let in, despite the condition",
    )
    .label("every AWS account, and callers without one where the service takes them")
    .related(first.key_text.span, "a stranger can meet the conditions")
    .why("the conditions fix neither who calls nor from where")
    .help("name the accounts or roles, or demand a key such as `aws:PrincipalOrgID`");
}
