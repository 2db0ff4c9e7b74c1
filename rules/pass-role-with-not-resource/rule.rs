//! Flags `iam:PassRole` allowed with `NotResource`.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, _: &Statement) {
    let Some(wide) = cx.wide_grant(cx.index(), "iam:PassRole") else {
        return;
    };
    if wide.not_resource && !wide.not_action {
        cx.report(
            wide.grant.resource,
            "`iam:PassRole` is allowed on every role but those in `NotResource`",
        )
        .label("every other role, also those that are created later")
        .why("the caller can hand a more powerful role to a service it controls")
        .help("name the roles in `Resource`, and pin the service with `iam:PassedToService`");
    }
}
