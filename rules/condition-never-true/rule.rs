//! Flags conditions that no request meets, by themselves or together.

use crate::catalog::Presence;
use crate::policy::{Condition, Effect, Statement, Test};
use crate::rule::{Holds, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let does = match statement.effect {
        Effect::Allow => "so the statement allows nothing",
        Effect::Deny => "so the statement denies nothing",
    };
    for condition in &statement.conditions {
        let is_null = condition.test() == Some(Test::Null) && condition.quantifier().is_some();
        if is_null || condition.values.is_empty() || cx.holds(condition) != Holds::Never {
            continue;
        }
        let key = &condition.key_text.text;
        cx.report(
            condition.key_text.span,
            format!("the condition on `{key}` is never true"),
        )
        .why(format!("no request meets it, {does}"))
        .help("list the values that are meant, or remove the statement");
        return;
    }
    if statement.conditions.len() < 2 {
        return;
    }
    if let Some((first, second)) = cx
        .contradiction(statement)
        .or_else(|| networks(cx, statement))
    {
        let (one, two) = (&first.key_text.text, &second.key_text.text);
        let message = if first.key == second.key {
            format!("no request meets both conditions on `{two}`")
        } else {
            format!("no request has both `{one}` and `{two}`")
        };
        let why = if first.key == second.key {
            format!("what one of them lets pass the other keeps out, {does}")
        } else {
            format!("a request comes through a VPC endpoint or from a public address, {does}")
        };
        cx.report(second.key_text.span, message)
            .related(first.key_text.span, "the other condition")
            .why(why)
            .help("put alternatives into one list, or into two statements");
    }
}

/// Returns two conditions of which one wants a request through a VPC endpoint, the other one from
/// elsewhere ("AWS global condition context keys", `aws:SourceIp`).
fn networks<'s>(
    cx: &RuleContext<'_>,
    statement: &'s Statement,
) -> Option<(&'s Condition, &'s Condition)> {
    let wants = |condition: &&Condition, of: fn(Presence) -> bool| {
        let presence = cx.memo.key(condition).and_then(|it| it.presence);
        !condition.holds_when_absent() && presence.is_some_and(of)
    };
    let all = &statement.conditions;
    let beside = all
        .iter()
        .find(|it| wants(it, |it| it == Presence::NotThroughVpcEndpoint))?;
    let through = all.iter().find(|it| {
        wants(it, |it| {
            matches!(
                it,
                Presence::VpcEndpoint | Presence::VpcEndpointOfSomeServices
            )
        })
    })?;
    Some(if beside.key_text.span < through.key_text.span {
        (beside, through)
    } else {
        (through, beside)
    })
}
