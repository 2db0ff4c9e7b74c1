//! Flags ARNs that leave the account out where the resources of the service have one.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let subject = cx.subject();
    for (resource, arn) in subject.arns(statement) {
        if !arn.account.is_empty() || arn.resource == "*" || !subject.memo.is_owned(arn.service) {
            continue;
        }
        let formats = subject.memo.likely_formats(arn);
        let Some(format) = formats
            .first()
            .filter(|_| formats.iter().all(|it| !it.account.is_empty()))
        else {
            continue;
        };
        let text = {
            let head = format!("arn:{}:{}:{}:", arn.partition, arn.service, arn.region);
            let rest = &resource.template.text()[head.len()..];
            format!("{head}*{rest}")
        };
        let edit = subject
            .editor()
            .map(|it| it.replace_text(resource.span, &text));
        let service = arn.service;
        let message =
            format!("ARNs of this kind in `{service}` have an account, and this one has none");
        cx.report(resource.span, message)
            .label(format!("AWS has `{}`", format.template))
            .why("no resource has such an ARN, so it matches nothing")
            .help(format!("did you mean `{text}`?"))
            .fix(format!("write `{text}`"), edit);
    }
}
