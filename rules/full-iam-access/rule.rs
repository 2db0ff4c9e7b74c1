//! Flags `iam:*` allowed on `*`, where no condition limits it.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.action.negated || !cx.names_service("iam") {
        return;
    }
    let patterns = &statement.action.patterns;
    let Some(whole) = patterns.iter().find(|it| it.is_whole_of("iam")) else {
        return;
    };
    let Some(star) = cx.open_star(statement) else {
        return;
    };
    cx.report(
        whole.span,
        "every action of IAM is allowed on every resource",
    )
    .related(star, "no resource is left out")
    .why("whoever may change users, roles and policies can give himself anything else")
    .help("name the actions that are needed, on roles under a path of their own");
}
