//! Flags String operators where AWS documents a type of its own for the key.

use crate::policy::{Statement, Test};
use crate::rule::{Misfit, OperatorName, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let Some(Misfit::AsText { holds, wanted }) = cx.memo.misfit(condition) else {
            continue;
        };
        let name = OperatorName::of(&condition.operator_text.text);
        let is_plain = condition.test() == Some(Test::StringEquals) && !condition.is_negated();
        let is_boolean = |text: &str| matches!(text, "true" | "false");
        let mut values = condition.values.iter();
        let as_bool =
            is_plain && wanted == "`Bool`" && values.all(|it| is_boolean(it.template.text()));
        let edits = if as_bool {
            cx.move_condition(statement, condition, &name.with_base("Bool"), None)
        } else {
            None
        };
        let (operator, key) = (&condition.operator_text.text, &condition.key_text.text);
        cx.report(
            condition.operator_text.span,
            format!("`{operator}` compares the text of `{key}`, which holds {holds}"),
        )
        .why("another way to write the same value does not match, such as `1.0` for `1` or `True` for `true`")
        .help(format!("use an operator such as {wanted}"))
        .fix("use `Bool`", edits.into_iter().flatten());
    }
}
