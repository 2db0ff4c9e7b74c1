//! Flags bucket, topic and queue policies that take plain HTTP; adds the Deny.

use crate::arn::Arn;
use crate::json::edit::quoted;
use crate::policy::{Condition, Effect, Operand, Statement};
use crate::rule::RuleContext;

const SERVICES: [&str; 3] = ["s3", "sns", "sqs"];

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let document = cx.document;
    let Some(service) = only_service(&document.statements) else {
        return;
    };
    let allows = || {
        document
            .statements
            .iter()
            .filter(|it| it.effect == Effect::Allow)
    };
    let refuses = document
        .statements
        .iter()
        .any(|it| it.effect == Effect::Deny && it.conditions.iter().any(|it| is_tls(it, false)));
    let demands = allows().all(|it| it.conditions.iter().any(|it| is_tls(it, true)));
    if refuses || demands {
        return;
    }
    let Some(first) = allows().next() else {
        return;
    };
    let add = || {
        let editor = cx.editor()?;
        let list = editor.root().get("Statement")?.span();
        let resource = resources(&document.statements, service)?;
        let json = format!(
            "{{ \"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"{service}:*\", \
             \"Resource\": {resource}, \
             \"Condition\": {{ \"Bool\": {{ \"aws:SecureTransport\": \"false\" }} }} }}"
        );
        editor.append_element(list, &json)
    };
    let edit = add();
    cx.report(first.effect_span, "requests without TLS are taken")
        .why("what is sent over plain HTTP can be read and changed on the way")
        .help("deny every action where `aws:SecureTransport` is `false`")
        .fix("refuse plain HTTP", edit);
}

fn is_tls(condition: &Condition, wanted: bool) -> bool {
    let is_wanted = |it: &Operand| *it == Operand::Truth(wanted);
    &*condition.key == "aws:securetransport"
        && condition.values.iter().any(|it| is_wanted(&it.operand))
}

/// Returns the service that all actions are of.
fn only_service(statements: &[Statement]) -> Option<&'static str> {
    let patterns = statements.iter().flat_map(|it| &it.action.patterns);
    let mut prefixes = patterns.map(|it| it.text.split(':').next().unwrap_or_default());
    let first = prefixes.next()?;
    let service = SERVICES
        .into_iter()
        .find(|it| it.eq_ignore_ascii_case(first))?;
    prefixes
        .all(|it| it.eq_ignore_ascii_case(service))
        .then_some(service)
}

/// Returns the one bucket, topic or queue that the statements are about, as JSON.
fn resources(statements: &[Statement], service: &str) -> Option<String> {
    let mut found: Option<String> = None;
    for statement in statements {
        let element = statement.resource.as_ref().filter(|it| !it.negated)?;
        for pattern in &element.patterns {
            let text = pattern.template.text();
            let arn = Arn::parse(text).filter(|it| it.service == service)?;
            let name = match service {
                "s3" => arn.resource.split('/').next().unwrap_or_default(),
                _ => arn.resource,
            };
            let end = text.len() - arn.resource.len() + name.len();
            let own = text[..end].to_owned();
            if own.contains(['*', '?', '$']) || found.as_ref().is_some_and(|it| *it != own) {
                return None;
            }
            found = Some(own);
        }
    }
    let own = found?;
    Some(match service {
        "s3" => format!("[{}, {}]", quoted(&own), quoted(&format!("{own}/*"))),
        _ => quoted(&own),
    })
}
