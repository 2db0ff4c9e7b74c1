//! Flags data actions of S3 on `*` without a condition on whose data, or from where.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.action.negated || !cx.names_service("s3") {
        return;
    }
    let Some(star) = cx.open_star(statement) else {
        return;
    };
    let data = ["s3:GetObject", "s3:PutObject"];
    let hit = data
        .iter()
        .find_map(|it| Some((it, cx.action_pattern(statement, it)?)));
    let Some((action, pattern)) = hit else {
        return;
    };
    let span = pattern.span;
    cx.report(span, format!("`{action}` is allowed on buckets of anybody"))
        .related(star, "in every account of the world that lets it")
        .why("data can be carried into, or taken from, buckets outside your organization")
        .help(
            "name the buckets, or add a condition on `aws:ResourceOrgID` or `aws:ResourceAccount`",
        );
}
