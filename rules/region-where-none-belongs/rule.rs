//! Flags ARNs that name a Region where the resources of the service have none.

use crate::pattern;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let subject = cx.subject();
    for (resource, arn) in subject.arns(statement) {
        if pattern::matches(arn.region, "") {
            continue;
        }
        let formats = subject.memo.likely_formats(arn);
        let Some(format) = formats
            .first()
            .filter(|_| formats.iter().all(|it| it.region.is_empty()))
        else {
            continue;
        };
        let text = {
            let head = format!("arn:{}:{}:", arn.partition, arn.service);
            let rest = &resource.template.text()[head.len() + arn.region.len()..];
            format!("{head}{rest}")
        };
        let edit = subject
            .editor()
            .map(|it| it.replace_text(resource.span, &text));
        let service = arn.service;
        let message = {
            let region = arn.region;
            format!("ARNs of this kind in `{service}` have no Region, and this one has `{region}`")
        };
        cx.report(resource.span, message)
            .label(format!("AWS has `{}`", format.template))
            .why("no resource has such an ARN, so it matches nothing")
            .help(format!("did you mean `{text}`?"))
            .fix(format!("write `{text}`"), edit);
    }
}
