//! Flags ARNs whose Region is not in their partition.

use crate::pattern;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let subject = cx.subject();
    let catalog = subject.memo.catalog();
    for (resource, arn) in subject.arns(statement) {
        if arn.region.is_empty() || pattern::has_wildcard(arn.partition) {
            continue;
        }
        let Some(home) = catalog.partition_of_region(arn.region) else {
            continue;
        };
        if catalog.partition(arn.partition).is_none() || &*home.name == arn.partition {
            continue;
        }
        let head = format!("arn:{}:", arn.partition).len();
        let text = format!("arn:{}:{}", home.name, &resource.template.text()[head..]);
        let edit = subject
            .editor()
            .map(|it| it.replace_text(resource.span, &text));
        let (region, partition) = (arn.region, arn.partition);
        let message = format!("the Region `{region}` is not in the partition `{partition}`");
        cx.report(resource.span, message)
            .why("no resource has such an ARN, so it matches nothing")
            .help(format!(
                "write `{}` for the partition, or another Region",
                home.name
            ))
            .fix(format!("write `{text}`"), edit);
    }
}
