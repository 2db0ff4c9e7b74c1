//! Flags values of DynamoDB condition keys that no request has.

use crate::pattern;
use crate::policy::{Statement, Test};
use crate::rule::RuleContext;

/// Returns the values of a key ("Using IAM policy conditions for fine-grained access control"; for
/// `INDEXES` the API reference, "GetItem").
fn values_of(key: &str) -> Option<&'static [&'static str]> {
    Some(match key {
        "dynamodb:select" => &[
            "ALL_ATTRIBUTES",
            "ALL_PROJECTED_ATTRIBUTES",
            "SPECIFIC_ATTRIBUTES",
            "COUNT",
        ],
        "dynamodb:returnvalues" => &["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"],
        "dynamodb:returnconsumedcapacity" => &["TOTAL", "NONE", "INDEXES"],
        _ => return None,
    })
}

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let Some(known) = values_of(&condition.key) else {
            continue;
        };
        if !condition.compares_strings() {
            continue;
        }
        let any_case = condition.test() == Some(Test::StringEqualsIgnoreCase);
        for value in &condition.values {
            let text = value.template.text();
            let is_known = value.template.has_variables()
                || known.iter().any(|it| {
                    pattern::matches(text, it) || any_case && it.eq_ignore_ascii_case(text)
                });
            if is_known {
                continue;
            }
            let folded = text.to_ascii_uppercase().replace('-', "_");
            let meant = known.iter().find(|it| **it == folded);
            let edit = meant.and_then(|it| Some(cx.editor()?.replace_text(value.span, it)));
            let key = &condition.key_text.text;
            let help = meant.map_or_else(
                || format!("use one of `{}`", known.join("`, `")),
                |it| format!("did you mean `{it}`?"),
            );
            let title = meant.map(|it| format!("write `{it}`")).unwrap_or_default();
            cx.report(value.span, format!("`{text}` is no value of `{key}`"))
                .why("DynamoDB sends one of a few words, in capitals, so it never matches")
                .help(help)
                .fix(title, edit);
        }
    }
}
