//! Flags values of `aws:SourceVpce` that are no ids of a VPC endpoint.

use crate::pattern;
use crate::policy::Statement;
use crate::rule::RuleContext;

const KEYS: [&str; 1] = ["aws:sourcevpce"];

fn is_id(text: &str) -> bool {
    let id = text.strip_prefix("vpce-").unwrap_or_default();
    matches!(id.len(), 8 | 17) && id.bytes().all(|it| it.is_ascii_alphanumeric())
}

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if !KEYS.contains(&&*condition.key) || !condition.compares_strings() {
            continue;
        }
        for value in &condition.values {
            let text = value.template.text();
            let may_be = if value.template.has_variables() {
                true
            } else if pattern::has_wildcard(text) {
                pattern::overlap(text, "vpce-*", |a, b| a == b)
            } else {
                is_id(text)
            };
            if may_be {
                continue;
            }
            let key = &condition.key_text.text;
            cx.report(value.span, format!("`{text}` is no id of a VPC endpoint"))
                .why(format!(
                    "`{key}` holds `vpce-` and 8 or 17 letters and digits, so it never matches"
                ))
                .help("write the id, such as `vpce-1234567890abcdef0`");
        }
    }
}
