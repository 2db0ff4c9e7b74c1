//! Flags wildcards under operators that compare them as ordinary characters.

use crate::catalog::KeyType;
use crate::policy::{Statement, Test};
use crate::rule::{OperatorName, RuleContext};

/// Keys whose values hold a `*` of their own, in lower case: any principal, any host of a domain.
const LITERAL: [&str; 4] = [
    "acm:domainnames",
    "lambda:principal",
    "route53:changeresourcerecordsetsnormalizedrecordnames",
    "s3:x-amz-acl",
];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let is_literal = matches!(
            condition.test(),
            Some(Test::StringEquals | Test::StringEqualsIgnoreCase)
        );
        if !is_literal || LITERAL.contains(&&*condition.key) {
            continue;
        }
        let Some(value) = condition.values.iter().find(|it| it.has_wildcard()) else {
            continue;
        };
        let is_arn = cx
            .memo
            .key(condition)
            .is_some_and(|it| it.key_type == KeyType::Arn);
        let base = match (is_arn, condition.is_negated()) {
            (true, false) => "ArnLike",
            (true, true) => "ArnNotLike",
            (false, false) => "StringLike",
            (false, true) => "StringNotLike",
        };
        let new = OperatorName::of(&condition.operator_text.text).with_base(base);
        let edits = if condition.test() == Some(Test::StringEquals) {
            cx.move_condition(statement, condition, &new, None)
        } else {
            None
        };
        let (operator, text) = (&condition.operator_text.text, value.template.text());
        cx.report(value.span, format!("`{operator}` takes the wildcard in `{text}` literally"))
            .related(condition.operator_text.span, "knows no wildcards")
            .why("values of requests hardly ever have a `*` or `?`, so it does not match what it is meant for")
            .help(format!("write `{new}` if it stands for any text"))
            .fix(format!("write `{new}`"), edits.into_iter().flatten());
    }
}
