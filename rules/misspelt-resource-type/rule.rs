//! Flags ARNs that are like none of their service's and would be with another spelling of the type.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let subject = cx.subject();
    for (resource, arn) in subject.arns(statement) {
        let Some((meant, text)) = subject.memo.meant_resource_type(arn) else {
            continue;
        };
        let service = arn.service;
        let word = arn.resource.split(['/', ':']).next().unwrap_or_default();
        let edit = subject
            .editor()
            .map(|it| it.replace_text(resource.span, &text));
        cx.report(
            resource.span,
            format!("no ARN of `{service}` has the type `{word}`"),
        )
        .why("no resource has such an ARN, so it matches nothing")
        .help(format!("did you mean `{meant}`?"))
        .fix(format!("write `{text}`"), edit);
    }
}
