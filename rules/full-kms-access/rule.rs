//! Flags `kms:*` allowed on `*`, where no condition limits it.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.action.negated || !cx.names_service("kms") {
        return;
    }
    let patterns = &statement.action.patterns;
    let Some(whole) = patterns.iter().find(|it| it.is_whole_of("kms")) else {
        return;
    };
    let Some(star) = cx.open_star(statement) else {
        return;
    };
    cx.report(
        whole.span,
        "every action of KMS is allowed on every resource",
    )
    .related(star, "no resource is left out")
    .why("every key can be used, shared with others, and scheduled for deletion")
    .help("name the actions that are needed and the keys");
}
