//! Flags ARNs whose service is in no ARN of AWS's reference.

use crate::pattern;
use crate::policy::Statement;
use crate::rule::{RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let subject = cx.subject();
    for (resource, arn) in subject.arns(statement) {
        let name = arn.service;
        let memo = subject.memo;
        if pattern::has_wildcard(name) || memo.is_namespace(&name.to_ascii_lowercase()) {
            continue;
        }
        if memo.is_former_service(name) {
            continue;
        }
        let date = &memo.catalog().info().date;
        let text = resource.template.text();
        let rest = &text[text.find(name).unwrap_or_default() + name.len()..];
        let meant: Vec<String> = memo
            .similar_namespaces(name)
            .iter()
            .map(|it| format!("arn:{}:{it}{rest}", arn.partition))
            .collect();
        let edit = match (meant.as_slice(), subject.editor()) {
            ([only], Some(editor)) if !name.is_empty() => {
                Some(editor.replace_text(resource.span, only))
            }
            _ => None,
        };
        let help = if meant.is_empty() || name.is_empty() {
            "write the service as the Service Authorization Reference does in its ARNs".to_owned()
        } else {
            format!(
                "did you mean {}?",
                name_some(&meant).replace(" and ", " or ")
            )
        };
        let message = match name {
            "" => "the ARN has no service".to_owned(),
            _ => format!("no ARN is of the service `{name}` as of {date}"),
        };
        cx.report(resource.span, message)
            .why("no resource has such an ARN, so it matches nothing")
            .help(help)
            .fix(format!("write `{}`", meant.concat()), edit);
    }
}
