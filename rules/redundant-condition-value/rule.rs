//! Flags values of conditions that another value of the list makes needless.

use crate::policy::{Statement, Test};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let is_boolean = matches!(condition.test(), Some(Test::Bool | Test::Null));
        if condition.values.len() < 2 || is_boolean {
            continue;
        }
        let redundant = condition.redundant_values();
        let spans: Vec<_> = redundant.iter().map(|(it, _)| it.span).collect();
        for (value, by) in &redundant {
            let (text, wide) = (value.template.text(), by.template.text());
            let message = if text == wide {
                format!("`{text}` is there twice")
            } else {
                format!("`{text}` is covered by `{wide}`")
            };
            let edits = cx.remove_values(condition, &spans);
            cx.report(value.span, message)
                .related(by.span, "covers it")
                .why("without it the condition is the same")
                .help("remove it, or the other if less was meant")
                .fix(
                    "remove what other values cover",
                    edits.into_iter().flatten(),
                );
        }
    }
}
