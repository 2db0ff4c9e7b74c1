//! Flags Deny statements with `ForAnyValue:…Not…` on keys that outsiders lack.

use crate::catalog::Presence;
use crate::policy::{Effect, Quantifier, Statement};
use crate::rule::{OperatorName, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Deny {
        return;
    }
    for condition in &statement.conditions {
        let is_negated_any =
            condition.quantifier() == Some(Quantifier::ForAnyValue) && condition.is_negated();
        if !is_negated_any || cx.is_sure(statement, condition) {
            continue;
        }
        let presence = cx.memo.key(condition).and_then(|it| it.presence);
        let tells_who = matches!(
            presence,
            Some(
                Presence::PrincipalInOrganization
                    | Presence::ResourceInOrganization
                    | Presence::VpcEndpointOfSomeServices
                    | Presence::OnBehalfOfResource
            )
        );
        if !tells_who {
            continue;
        }
        let name = OperatorName::of(&condition.operator_text.text);
        let new = format!("ForAllValues:{}", name.without_prefix());
        let edits = cx.move_condition(statement, condition, &new, None);
        let key = &condition.key_text.text;
        cx.report(
            condition.operator_text.span,
            format!("requests without `{key}` escape this Deny"),
        )
        .why("`ForAnyValue` is false where there are no values, also with a negated operator and `IfExists`, and whoever is in no organization has none")
        .help(format!("write `{new}`, which is true where there are no values"))
        .fix(format!("write `{new}`"), edits.into_iter().flatten());
    }
}
