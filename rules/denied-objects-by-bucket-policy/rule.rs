//! Flags a Deny on objects that the holder can get around.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if !cx.names_service("s3") {
        return;
    }
    let Some(way) = cx.subject().reopened(statement) else {
        return;
    };
    let message = format!(
        "the Deny on `{}` can be got around by `{}`",
        way.denied, way.by
    );
    cx.report(statement.action.span, message)
        .related(way.grant.action, format!("`{}` {}", way.by, way.effect))
        .why(
            "a Deny binds the holder of this policy, not those whom the holder lets in, and not S3",
        )
        .help(format!("deny `{}` there too", way.by))
        .fix(
            format!("deny `{}` too", way.by),
            way.closed_by.unwrap_or_default(),
        );
}
