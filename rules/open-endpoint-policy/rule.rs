//! Flags endpoint policies that allow everything to everybody.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let is_wide = |it: &crate::policy::ActionPattern| &*it.text == "*" || it.text.ends_with(":*");
    let everything = statement.resource.as_ref().is_some_and(|element| {
        !element.negated && element.patterns.iter().any(|it| it.is_everything())
    });
    let Some(everyone) = statement.everyone() else {
        return;
    };
    if statement.effect != Effect::Allow
        || !everything
        || !statement.action.negated && !statement.action.patterns.iter().any(is_wide)
        || cx.is_limited(statement)
        || cx
            .document
            .statements
            .iter()
            .any(|it| it.effect == Effect::Deny)
    {
        return;
    }
    cx.report(
        everyone.span,
        "the endpoint lets everybody through to everything",
    )
    .why("credentials and resources of other accounts can be used from within the network")
    .help("add conditions on `aws:PrincipalOrgID` and `aws:ResourceOrgID`");
}
