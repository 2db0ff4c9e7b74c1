//! Flags `cloudtrail:*` allowed on `*`, where no condition limits it.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.action.negated || !cx.names_service("cloudtrail") {
        return;
    }
    let patterns = &statement.action.patterns;
    let Some(whole) = patterns.iter().find(|it| it.is_whole_of("cloudtrail")) else {
        return;
    };
    let Some(star) = cx.open_star(statement) else {
        return;
    };
    cx.report(
        whole.span,
        "every action of CloudTrail is allowed on every resource",
    )
    .related(star, "no resource is left out")
    .why("the record of what happens in the account can be stopped and deleted")
    .help("allow reading, and keep changes to trails for administrators");
}
