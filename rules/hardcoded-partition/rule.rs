//! Flags ARNs with a fixed partition in documents whose other ARNs leave it open.

use crate::policy::ResourcePattern;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let statements = subject.document.statements.iter();
    let all = statements
        .flat_map(|it| it.resource.iter())
        .flat_map(|it| it.patterns.iter());
    let is_open = |it: &ResourcePattern| {
        let text = it.template.text();
        text.starts_with("arn:*:") || text.starts_with("arn:${")
    };
    let Some(open) = all.clone().find(|it| is_open(it)) else {
        return;
    };
    let fixed = |it: &&ResourcePattern| it.template.text().starts_with("arn:aws:");
    let Some(first) = all.clone().find(fixed) else {
        return;
    };
    let more = all.filter(fixed).count() - 1;
    let label = match more {
        0 => String::new(),
        1 => "and one more".to_owned(),
        _ => format!("and {more} more"),
    };
    cx.report(first.span, "the ARN is for the partition `aws` only")
        .label(label)
        .related(open.span, "this one is for every partition")
        .why("where the document is used in another partition, it matches nothing there")
        .help("leave the partition open here, too");
}
