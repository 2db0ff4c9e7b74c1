//! Flags ARN patterns under `StringLike` whose account id a wildcard gets round.

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
        let Some(value) = crossing else { continue };
        let base = if condition.is_negated() {
            "ArnNotLike"
        } else {
            "ArnLike"
        };
        let new = OperatorName::of(&condition.operator_text.text).with_base(base);
        // Under a negated operator the two differ on texts that are no ARNs, too.
        let edits = if condition.is_negated() {
            None
        } else {
            cx.move_condition(statement, condition, &new, None)
        };
        let (operator, text) = (&condition.operator_text.text, value.template.text());
        cx.report(value.span, format!("`{text}` also matches ARNs of other accounts"))
            .related(condition.operator_text.span, "compares plain text")
            .why(format!("under `{operator}` the wildcard before the account runs over colons, so a stranger's resource whose name holds the rest matches"))
            .help(format!("write `{new}`, which compares part by part"))
            .fix(format!("write `{new}`"), edits.into_iter().flatten());
    }
}
