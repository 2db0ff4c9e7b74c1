//! Condition keys that are compared with themselves.

use crate::policy::Statement;
use crate::rule::{RuleContext, written_variables};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let Some(operator) = condition.operator.filter(|it| it.has_variables()) else {
            continue;
        };
        for value in &condition.values {
            let mut variables = value.template.variables();
            if variables.next().is_none_or(|it| it.key != condition.key) {
                continue;
            }
            let text = value.template.text();
            let is_whole = written_variables(text)
                .next()
                .is_some_and(|it| it.whole == text);
            if !is_whole {
                continue;
            }
            let key = &condition.key_text.text;
            cx.report(value.span, format!("`{key}` is compared with itself"))
                .why(if operator.negated {
                    "no request that has the key passes, whatever its value"
                } else {
                    "every request that has the key passes, whatever its value"
                })
                .help("compare two different keys, or ask with `Null` whether the key is there");
        }
    }
}
