//! Flags `NotAction` in trust policies.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow || !statement.action.negated {
        return;
    }
    cx.report(
        statement.action.key_span,
        "every way to assume the role is allowed but some",
    )
    .why("whatever is not listed is allowed, also actions that AWS STS adds one day")
    .help("list the actions under `Action`, such as `sts:AssumeRole`");
}
