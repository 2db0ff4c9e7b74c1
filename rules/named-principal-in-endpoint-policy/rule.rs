//! Flags named principals in policies of gateway endpoints.

use crate::policy::{PrincipalName, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(element) = &statement.principal else {
        return;
    };
    let has_gateway = |text: &str| text.starts_with("s3:") || text.starts_with("dynamodb:");
    let patterns = &statement.action.patterns;
    if patterns.is_empty() || !patterns.iter().all(|it| has_gateway(it.folded())) {
        return;
    }
    let mut entries = element.entries.iter();
    let named = entries.find(|it| it.name != PrincipalName::Everyone);
    if let Some(entry) = named {
        cx.report(
            entry.span,
            format!("`{}` is named in an endpoint policy", entry.text),
        )
        .why("the policy of a gateway endpoint takes `*` only, and matches nobody by name")
        .help("write `\"Principal\": \"*\"` with a condition on `aws:PrincipalArn`");
    }
}
