//! Flags ARNs that name an account where the resources of the service have none.

use crate::pattern;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let subject = cx.subject();
    for (resource, arn) in subject.arns(statement) {
        if pattern::matches(arn.account, "") {
            continue;
        }
        let formats = subject.memo.likely_formats(arn);
        let Some(format) = formats
            .first()
            .filter(|_| formats.iter().all(|it| it.account.is_empty()))
        else {
            continue;
        };
        // A Region that none has either goes with the account.
        let has_region =
            !pattern::matches(arn.region, "") && formats.iter().all(|it| it.region.is_empty());
        let region = if has_region { "" } else { arn.region };
        let text = {
            let head = arn.partition.len() + arn.service.len() + arn.region.len() + "arn::::".len();
            let rest = &resource.template.text()[head + arn.account.len()..];
            format!("arn:{}:{}:{region}:{rest}", arn.partition, arn.service)
        };
        let edit = subject
            .editor()
            .map(|it| it.replace_text(resource.span, &text));
        let (service, account) = (arn.service, arn.account);
        let both = if has_region { "no Region and " } else { "" };
        let message = format!(
            "ARNs of this kind in `{service}` have {both}no account, and this one has `{account}`"
        );
        cx.report(resource.span, message)
            .label(format!("AWS writes `{}`", format.template))
            .why("no resource has such an ARN, so it matches nothing")
            .help(format!("did you mean `{text}`?"))
            .fix(format!("write `{text}`"), edit);
    }
}
