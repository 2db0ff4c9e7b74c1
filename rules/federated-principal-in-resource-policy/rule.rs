//! Flags federated principals outside of trust policies.

use crate::policy::{PrincipalName, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(element) = &statement.principal else {
        return;
    };
    for entry in &element.entries {
        if entry.name != PrincipalName::Federated {
            continue;
        }
        let message = format!("`{}` is an identity provider", entry.text);
        cx.report(entry.span, message)
            .why("only trust policies of roles take one: a resource sees the session of the role")
            .help("name the role that its users assume");
    }
}
