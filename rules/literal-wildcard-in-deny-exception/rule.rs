//! Flags wildcards under `StringNotEquals` with `Deny`; writes `StringNotLike`.

use crate::policy::{Condition, Effect, Quantifier, Statement, Test};
use crate::rule::RuleContext;

/// Keys whose values hold a `*` of their own: any principal, any host of a domain.
const LITERAL: [&str; 3] = [
    "acm:domainnames",
    "lambda:principal",
    "route53:changeresourcerecordsetsnormalizedrecordnames",
];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Deny {
        return;
    }
    for condition in &statement.conditions {
        let Some(operator) = condition.operator.filter(|it| it.negated) else {
            continue;
        };
        let is_exact = matches!(
            operator.test,
            Test::StringEquals | Test::StringEqualsIgnoreCase
        );
        if !is_exact || LITERAL.contains(&&*condition.key) {
            continue;
        }
        let mut values = condition.values.iter();
        let has_star = |text: &str| text.contains('*') && !text.contains("${");
        let Some(value) = values.find(|it| has_star(it.template.text())) else {
            continue;
        };
        let edits = match operator.test {
            Test::StringEquals => cx.change_operator(statement, condition, &like(condition)),
            _ => Vec::new(),
        };
        let text = value.template.text();
        let name = &condition.operator_text.text;
        cx.report(
            value.span,
            format!("`{text}` excepts nobody: `{name}` takes `*` for a star"),
        )
        .why("the Deny also hits those whom the pattern should except")
        .help(format!("use `{}`, or `${{*}}` for a star", like(condition)))
        .fix(format!("use `{}`", like(condition)), edits);
    }
}

/// Returns the operator that takes patterns.
fn like(condition: &Condition) -> String {
    let operator = condition.operator;
    let prefix = match operator.and_then(|it| it.quantifier) {
        Some(Quantifier::ForAllValues) => "ForAllValues:",
        Some(Quantifier::ForAnyValue) => "ForAnyValue:",
        None => "",
    };
    let suffix = if operator.is_some_and(|it| it.if_exists) {
        "IfExists"
    } else {
        ""
    };
    format!("{prefix}StringNotLike{suffix}")
}
