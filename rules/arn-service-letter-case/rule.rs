//! Flags ARNs whose service would be known in lower case.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let subject = cx.subject();
    for (resource, arn) in subject.arns(statement) {
        let name = arn.service;
        let lower = name.to_ascii_lowercase();
        if lower == name || !subject.memo.is_namespace(&lower) {
            continue;
        }
        let head = format!("arn:{}:", arn.partition);
        let rest = &resource.template.text()[head.len() + name.len()..];
        let meant = format!("{head}{lower}{rest}");
        let edit = subject
            .editor()
            .map(|it| it.replace_text(resource.span, &meant));
        cx.report(resource.span, format!("the service `{name}` has capitals"))
            .why("ARNs are compared with letter case, so it matches nothing")
            .help(format!("write `{lower}`"))
            .fix(format!("write `{meant}`"), edit);
    }
}
