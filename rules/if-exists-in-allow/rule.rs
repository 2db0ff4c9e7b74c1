//! Flags `IfExists` where the condition is what an Allow rests on.

use crate::catalog::Presence;
use crate::policy::{Effect, Quantifier, Statement};
use crate::rule::{OperatorName, RuleContext};

/// Keys of services that say who may do what, in lower case.
const GUARDS: [&str; 2] = ["iam:passedtoservice", "sts:externalid"];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow {
        return;
    }
    for condition in &statement.conditions {
        let is_open = condition.is_if_exists()
            && !condition.is_negated()
            && condition.quantifier() != Some(Quantifier::ForAnyValue);
        if !is_open {
            continue;
        }
        let presence = cx.memo.key(condition).and_then(|it| it.presence);
        let is_guard = GUARDS.contains(&&*condition.key)
            || matches!(
                presence,
                Some(
                    Presence::PrincipalInOrganization
                        | Presence::PrincipalTagged
                        | Presence::NotThroughVpcEndpoint
                        | Presence::VpcEndpoint
                        | Presence::VpcEndpointOfSomeServices
                        | Presence::ResourceInOrganization
                        | Presence::ResourceTagged
                        | Presence::OnBehalfOfResource
                        | Presence::ServicePrincipal
                )
            );
        if !is_guard
            || cx.is_sure(statement, condition)
            || cx.is_limited_beside(statement, condition)
        {
            continue;
        }
        let new = OperatorName::of(&condition.operator_text.text).without_suffix();
        let edits = cx.move_condition(statement, condition, &new, None);
        let key = &condition.key_text.text;
        cx.report(
            condition.operator_text.span,
            format!("requests without `{key}` pass this condition"),
        )
        .why("`IfExists` is true where the key is missing, and no other condition of the statement limits it")
        .help(format!("write `{new}`, unless requests without the key are meant to pass"))
        .fix(format!("write `{new}`"), edits.into_iter().flatten());
    }
}
