//! The languages of service control policies (O4) and resource control policies (O14, O15; AWS:
//! "SCP syntax", "RCP syntax", "Resource control policies (RCPs)").

use super::{REFUSED, action_prefixes};
use crate::catalog::Catalog;
use crate::pattern::has_wildcard;
use crate::policy::{Document, Effect, PrincipalName, Problem, Statement};
use crate::switch::on;

/// Rule O4: since September 2025 a service control policy has the full language but for principals
/// (which are G10's). What was refused before is here for the tests that switch the rule off.
pub(super) fn check_scp(document: &Document, found: &mut Vec<Problem>) {
    if on("O4") {
        return;
    }
    for statement in &document.statements {
        for pattern in &statement.action.patterns {
            let inner = pattern.text.strip_suffix('*').unwrap_or(&pattern.text);
            if has_wildcard(inner) {
                found.push(Problem::new(
                    "O4",
                    "old-scp-language",
                    pattern.span,
                    "a wildcard",
                ));
            }
        }
        if statement.effect == Effect::Deny {
            continue;
        }
        let resource = statement.resource.as_ref();
        let narrow = resource.filter(|it| !it.patterns.iter().all(|it| it.is_everything()));
        let spans = [
            statement.action.negated.then_some(statement.action.span),
            narrow.map(|it| it.span),
            statement.conditions.first().map(|it| it.key_text.span),
        ];
        let spans = spans.into_iter().flatten();
        found.extend(spans.map(|span| Problem::new("O4", "old-scp-language", span, "not allowed")));
    }
}

pub(super) fn check_rcp(document: &Document, found: &mut Vec<Problem>) {
    if is_full_access(document) {
        return;
    }
    for statement in &document.statements {
        if on("O15") {
            check_rcp_statement(statement, found);
        }
        if on("O14") && !statement.action.negated {
            check_rcp_services(statement, found);
        }
    }
}

/// `RCPFullAWSAccess`, the one resource control policy that allows: AWS attaches it everywhere.
fn is_full_access(document: &Document) -> bool {
    let [statement] = &*document.statements else {
        return false;
    };
    let every_resource = |statement: &Statement| {
        let resource = statement.resource.as_ref();
        resource.is_some_and(|it| !it.negated && it.patterns.iter().all(|it| it.is_everything()))
    };
    let patterns = &statement.action.patterns;
    statement.effect == Effect::Allow
        && names_everyone(statement)
        && !statement.action.negated
        && !patterns.is_empty()
        && patterns.iter().all(|it| &*it.text == "*")
        && every_resource(statement)
        && statement.conditions.is_empty()
}

fn names_everyone(statement: &Statement) -> bool {
    statement.principal.as_ref().is_some_and(|element| {
        let mut entries = element.entries.iter();
        !element.negated && entries.all(|entry| entry.name == PrincipalName::Everyone)
    })
}

fn check_rcp_statement(statement: &Statement, found: &mut Vec<Problem>) {
    let mut refuse = |name, span, message: &str, help: &str| {
        found.push(
            Problem::new("O15", name, span, message)
                .why(REFUSED)
                .help(help),
        );
    };
    if statement.effect == Effect::Allow {
        refuse(
            "allow-in-resource-control-policy",
            statement.effect_span,
            "a resource control policy only denies",
            "use `Deny`; what is not denied stays as the other policies have it",
        );
    }
    if statement.action.negated {
        refuse(
            "not-action-in-resource-control-policy",
            statement.action.key_span,
            "a resource control policy has no `NotAction`",
            "list the actions to deny under `Action`",
        );
    }
    let stars = statement.action.patterns.iter();
    for pattern in stars.filter(|it| &*it.text == "*" && !statement.action.negated) {
        refuse(
            "star-action-in-resource-control-policy",
            pattern.span,
            "a resource control policy names the service of each action",
            "write `service:*` for each service",
        );
    }
    if let Some(element) = &statement.principal
        && !element.negated
        && !element.entries.is_empty()
        && !names_everyone(statement)
    {
        refuse(
            "named-principal-in-resource-control-policy",
            element.span,
            "the principal of a resource control policy is `*`",
            "write `\"Principal\": \"*\"`, and name principals by conditions such as \
             `aws:PrincipalArn`",
        );
    }
}

fn check_rcp_services(statement: &Statement, found: &mut Vec<Problem>) {
    let catalog = Catalog::builtin();
    for (pattern, prefix) in statement
        .action
        .patterns
        .iter()
        .zip(action_prefixes(statement))
    {
        let Some(prefix) = prefix.filter(|it| !it.is_empty() && !has_wildcard(it)) else {
            continue;
        };
        if catalog.supports_rcp(prefix) {
            continue;
        }
        let message = format!("`{prefix}` does not support resource control policies");
        found.push(
            Problem::new("O14", "service-without-rcp-support", pattern.span, message)
                .why("AWS refuses a resource control policy with actions of such a service")
                .help(format!(
                    "remove it, or use a service control policy; the list of services is of {}",
                    catalog.info().date
                )),
        );
    }
}
