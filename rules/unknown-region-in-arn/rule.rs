//! Flags ARNs whose Region is none of AWS's.

use crate::pattern;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let subject = cx.subject();
    let catalog = subject.memo.catalog();
    for (resource, arn) in subject.arns(statement) {
        let region = arn.region;
        let is_known = region.is_empty()
            || catalog.is_region(region)
            || pattern::has_wildcard(region)
                && catalog.regions().any(|it| pattern::matches(region, it));
        if is_known {
            continue;
        }
        let meant = subject.memo.meant_region(region);
        let text = meant.map(|it| {
            let head = format!("arn:{}:{}:", arn.partition, arn.service);
            let rest = &resource.template.text()[head.len() + region.len()..];
            format!("{head}{it}{rest}")
        });
        let edit = match (&text, subject.editor()) {
            (Some(text), Some(editor)) => Some(editor.replace_text(resource.span, text)),
            _ => None,
        };
        let help = meant.map_or_else(
            || "write a Region such as `eu-central-1`, or `*`".to_owned(),
            |it| format!("did you mean `{it}`?"),
        );
        let date = &catalog.info().date;
        cx.report(
            resource.span,
            format!("`{region}` is no Region as of {date}"),
        )
        .why("no resource has such an ARN, so it matches nothing")
        .help(help)
        .fix(format!("write `{}`", text.unwrap_or_default()), edit);
    }
}
