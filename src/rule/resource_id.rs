//! Ids that Amazon EC2 gives, as values of conditions: `vpc-1234567890abcdef0`.

use super::context::RuleContext;
use crate::pattern;
use crate::policy::Statement;

impl RuleContext<'_> {
    /// Reports the values of conditions on these keys (in lower case) that no id with this prefix
    /// can be; `what` the ids are of, with its article.
    pub fn report_malformed_ids(
        &mut self,
        statement: &Statement,
        keys: &[&str],
        prefix: &str,
        what: &str,
    ) {
        for condition in &statement.conditions {
            if !keys.contains(&&*condition.key) || !condition.compares_strings() {
                continue;
            }
            for value in &condition.values {
                let text = value.template.text();
                let may_be = if value.template.has_variables() {
                    true
                } else if pattern::has_wildcard(text) {
                    pattern::overlap(text, &format!("{prefix}*"), |a, b| a == b)
                } else {
                    is_id(text, prefix)
                };
                if may_be {
                    continue;
                }
                let key = &condition.key_text.text;
                self.report(value.span, format!("`{text}` is no id of {what}"))
                    .why(format!(
                        "`{key}` holds `{prefix}` and 8 or 17 letters and digits, so it never matches"
                    ))
                    .help(format!("write the id, such as `{prefix}1234567890abcdef0`"));
            }
        }
    }
}

fn is_id(text: &str, prefix: &str) -> bool {
    let id = text.strip_prefix(prefix).unwrap_or_default();
    matches!(id.len(), 8 | 17) && id.bytes().all(|it| it.is_ascii_alphanumeric())
}
