//! Flags `s3:*` allowed on `*`, where no condition limits it.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.action.negated || !cx.names_service("s3") {
        return;
    }
    let patterns = &statement.action.patterns;
    let Some(whole) = patterns.iter().find(|it| it.is_whole_of("s3")) else {
        return;
    };
    let Some(star) = cx.open_star(statement) else {
        return;
    };
    cx.report(
        whole.span,
        "every action of Amazon S3 is allowed on every resource",
    )
    .related(star, "no resource is left out")
    .why("every object of every bucket can be read, changed, deleted and shared")
    .help("name the buckets, and the actions that are needed");
}
