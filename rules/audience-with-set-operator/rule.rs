//! Asks whether the audience claim of an identity provider is a list.

use crate::policy::{Statement, Test};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let is_audience = condition.key.ends_with(":aud")
            && condition
                .key
                .split(':')
                .next()
                .is_some_and(|it| it.contains('.'));
        if !is_audience || condition.quantifier().is_none() || condition.test() == Some(Test::Null)
        {
            continue;
        }
        // Of these AWS says that they have one value.
        if cx.memo.key(condition).is_some() {
            continue;
        }
        let key = &condition.key_text.text;
        cx.report(
            condition.operator_text.span,
            format!("`{key}` under a set operator: does the provider send several audiences?"),
        )
        .why("a set operator on a single audience lets tokens without one pass or fail in its own way")
        .help("keep it if tokens hold a list of audiences; else leave `ForAllValues` or `ForAnyValue` out");
    }
}
