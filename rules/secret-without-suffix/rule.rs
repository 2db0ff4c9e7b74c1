//! Flags ARNs of secrets that end with the name.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let subject = cx.subject();
    for (resource, arn) in subject.arns(statement) {
        let Some(name) = arn.resource.strip_prefix("secret:") else {
            continue;
        };
        // A name may end like one with the six characters; that cannot be told apart.
        let has_suffix = name.rsplit_once('-').is_some_and(|(_, end)| {
            end.len() == 6
                && end
                    .bytes()
                    .all(|it| it.is_ascii_alphanumeric() || it == b'?')
        });
        if arn.service != "secretsmanager" || name.is_empty() || has_suffix {
            continue;
        }
        if name.ends_with(['*', '?', '}', '>']) {
            continue;
        }
        let text = format!("{}-??????", resource.template.text());
        let edit = subject
            .editor()
            .map(|it| it.replace_text(resource.span, &text));
        cx.report(
            resource.span,
            format!("`{name}` is the name of a secret, not the end of its ARN"),
        )
        .why("the ARN of a secret has a hyphen and six more characters, so it matches none")
        .help(format!("write `{text}`, or the whole ARN"))
        .fix(format!("write `{text}`"), edit);
    }
}
