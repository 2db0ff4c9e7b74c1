//! Flags `StringLike` on keys that hold ARNs where no account is at stake.

use crate::catalog::KeyType;
use crate::policy::{Statement, Test};
use crate::rule::{OperatorName, RuleContext, account_is_open};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if condition.test() != Some(Test::StringLike) {
            continue;
        }
        if cx
            .memo
            .key(condition)
            .is_none_or(|it| it.key_type != KeyType::Arn)
        {
            continue;
        }
        let mut values = condition.values.iter();
        let crossing = values.find(|it| account_is_open(it.template.text()));
        let open = condition.values.iter().any(|it| it.has_wildcard());
        if crossing.is_some() || !open {
            continue;
        }
        let base = if condition.is_negated() {
            "ArnNotLike"
        } else {
            "ArnLike"
        };
        let new = OperatorName::of(&condition.operator_text.text).with_base(base);
        let mut texts = condition.values.iter().map(|it| it.template.text());
        let is_plain = !condition.is_negated() && texts.all(|it| it.starts_with("arn:"));
        let edits = if is_plain {
            cx.move_condition(statement, condition, &new, None)
        } else {
            None
        };
        let key = &condition.key_text.text;
        cx.report(
            condition.operator_text.span,
            format!("`{key}` holds an ARN, which `{base}` is for"),
        )
        .why("under `StringLike` a wildcard runs over the colons between the parts of an ARN")
        .help(format!("write `{new}`"))
        .fix(format!("write `{new}`"), edits.into_iter().flatten());
    }
}
