//! Flags a bucket policy that names another bucket.

use crate::pattern;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    if !subject.kind_is_certain {
        return;
    }
    let statements = subject.document.statements.iter();
    let all = statements.flat_map(|it| subject.arns(it));
    let mut own: Option<&str> = subject
        .arn
        .and_then(|it| it.split(":s3:::").nth(1))
        .map(|it| it.split('/').next().unwrap_or(it));
    for (resource, arn) in all {
        if arn.service != "s3" || !arn.region.is_empty() || !arn.account.is_empty() {
            continue;
        }
        let bucket = arn.resource.split('/').next().unwrap_or_default();
        if bucket.contains(['$', '{', '<']) {
            continue;
        }
        let Some(first) = own else {
            own = Some(bucket);
            continue;
        };
        if pattern::overlap(bucket, first, |a, b| a == b) {
            continue;
        }
        let message = format!("`{bucket}` is another bucket than `{first}`");
        cx.report(resource.span, message)
            .why("a bucket policy can name its own bucket only, and S3 refuses any other")
            .help("put it into the policy of that bucket");
    }
}
