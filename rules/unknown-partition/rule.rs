//! Flags ARNs whose partition is none of AWS's.

use crate::pattern;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let subject = cx.subject();
    for (resource, arn) in subject.arns(statement) {
        let partitions = subject.memo.catalog().partitions();
        if partitions
            .iter()
            .any(|it| pattern::matches(arn.partition, &it.name))
        {
            continue;
        }
        let lower = arn.partition.to_ascii_lowercase();
        let mut near = partitions
            .iter()
            .map(|it| &*it.name)
            .filter(|it| *it == lower || arn.partition.is_empty() && *it == "aws");
        let meant = near.next().map(|it| {
            let head = format!("arn:{}:", arn.partition).len();
            format!("arn:{it}:{}", &resource.template.text()[head..])
        });
        let edit = match (&meant, subject.editor()) {
            (Some(meant), Some(editor)) => Some(editor.replace_text(resource.span, meant)),
            _ => None,
        };
        let help = meant.as_ref().map_or_else(
            || "write `aws`, `aws-cn`, `aws-us-gov` or another of AWS's partitions".to_owned(),
            |it| format!("did you mean `{it}`?"),
        );
        let message = match arn.partition {
            "" => "the ARN has no partition".to_owned(),
            name => format!("`{name}` is no partition"),
        };
        cx.report(resource.span, message)
            .why("no resource has such an ARN, so it matches nothing")
            .help(help)
            .fix(format!("write `{}`", meant.unwrap_or_default()), edit);
    }
}
