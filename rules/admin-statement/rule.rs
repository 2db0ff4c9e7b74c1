//! Flags `"Action": "*"` allowed on `"Resource": "*"`, where no condition limits it.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let action = &statement.action;
    let Some(star) = action
        .patterns
        .iter()
        .find(|it| &*it.text == "*" && !action.negated)
    else {
        return;
    };
    let Some(resource) = cx.open_star(statement) else {
        return;
    };
    cx.report(star.span, "every action is allowed on every resource")
        .related(resource, "also on what others own")
        .why("whoever has this policy owns the account: IAM, keys, data and logs included")
        .help("name the actions and resources that are needed, or give a role of administrators");
}
