//! Flags `iam:PassRole` on named roles, with no condition on the service.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow {
        return;
    }
    let Some(pattern) = cx.action_pattern(statement, "iam:PassRole") else {
        return;
    };
    let named = statement.resource.as_ref().filter(|it| !it.negated);
    let (Some(resource), true) = (named, pattern.folded().starts_with("iam:pass")) else {
        return;
    };
    let index = cx.index();
    if cx.is_limited(statement)
        || resource.patterns.iter().any(|it| it.is_everything())
        || cx.wide_grant(index, "iam:PassRole").is_some()
    {
        return;
    }
    let told = cx
        .names_only(index, "iam:PassRole")
        .then(|| cx.services_passed_to())
        .flatten();
    let edit = told.and_then(|it| cx.pin(index, "iam:PassedToService", &it));
    cx.report(
        pattern.span,
        "`iam:PassRole` does not say to which service roles may be passed",
    )
    .why("a role that trusts several services can be handed to one where the caller controls more")
    .help("pin the service with `iam:PassedToService`")
    .fix("pin the services that the other actions use", edit);
}
