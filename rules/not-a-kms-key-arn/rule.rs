//! Flags values of keys that hold ARNs of KMS keys which cannot be such an ARN.

use crate::catalog::KeyType;
use crate::pattern;
use crate::policy::{Statement, Test};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let is_named = condition.key.contains("kms-key") || condition.key.contains("kmskey");
        let is_text = condition.compares_strings() || condition.test() == Some(Test::Arn);
        if !is_named || !is_text {
            continue;
        }
        if cx
            .memo
            .key(condition)
            .is_none_or(|it| it.key_type != KeyType::Arn)
        {
            continue;
        }
        for value in &condition.values {
            let text = value.template.text();
            let may_be = value.template.has_variables()
                || pattern::overlap(text, "arn:*:kms:*:*:key/*", |a, b| a == b);
            if may_be {
                continue;
            }
            let key = &condition.key_text.text;
            cx.report(value.span, format!("`{text}` is no ARN of a KMS key"))
                .why(format!("`{key}` holds the ARN of the key, never its id or an alias, so it never matches"))
                .help("write `arn:aws:kms:REGION:ACCOUNT:key/ID`");
        }
    }
}
