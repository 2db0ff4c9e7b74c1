//! Flags `aws:VpceOrgID` and its relatives where the statement reaches services without them.

use crate::catalog::Presence;
use crate::pattern;
use crate::policy::{Effect, Statement};
use crate::rule::{RuleContext, VPC_ENDPOINT_KEY_SERVICES};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let of_some = statement.conditions.iter().find(|it| {
        let presence = cx.memo.key(it).and_then(|it| it.presence);
        presence == Some(Presence::VpcEndpointOfSomeServices)
    });
    let Some(condition) = of_some.filter(|it| it.operator.is_some()) else {
        return;
    };
    let element = &statement.action;
    let sends = |text: &str| {
        let prefix = text
            .split(':')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        !pattern::has_wildcard(&prefix) && VPC_ENDPOINT_KEY_SERVICES.contains(&prefix.as_str())
    };
    let other = element.patterns.iter().find(|it| !sends(&it.text));
    let (span, what) = match other {
        _ if element.negated => (element.key_span, "all other services".to_owned()),
        Some(pattern) => (pattern.span, format!("`{}`", pattern.text)),
        None => return,
    };
    let key = &condition.key_text.text;
    let why = match (statement.effect, condition.holds_when_absent()) {
        (Effect::Deny, true) => "a service that does not send the key is denied altogether",
        (Effect::Deny, false) => "a service that does not send the key is never denied",
        (Effect::Allow, true) => "calls of a service that does not send the key all pass",
        (Effect::Allow, false) => "calls of a service that does not send the key are not allowed",
    };
    cx.report(
        condition.key_text.span,
        format!("few services send `{key}`, and the statement reaches others"),
    )
    .related(span, format!("{what} may not send it"))
    .why(format!(
        "{why}; AWS advises to name the services that support it"
    ))
    .help("list the actions of services that AWS names for the key");
}
