//! Flags `iam:PassRole` allowed on every role, with no condition on the service.

use crate::policy::{Effect, Statement};
use crate::rule::{Ask, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow || cx.action_pattern(statement, "iam:PassRole").is_none() {
        return;
    }
    let index = cx.index();
    let ask = Ask {
        action: "iam:PassRole",
        context: &[],
    };
    for grant in cx.open_grants(ask) {
        if grant.index != index {
            continue;
        }
        cx.report(grant.resource, "`iam:PassRole` is allowed on every role")
            .label("matches every role in the account")
            .why("the caller can hand a more powerful role to a service it controls")
            .help("name the role ARNs, and pin the service with `iam:PassedToService`");
    }
}
