//! Sensitive condition keys that are compared with variables which others set.

use crate::policy::{Effect, Statement};
use crate::rule::{RuleContext, is_sensitive_key};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let Some(operator) = condition.operator.filter(|it| it.has_variables()) else {
            continue;
        };
        // A Deny keeps out whom the negated comparison finds.
        let is_wall = operator.negated == (statement.effect == Effect::Deny);
        if !is_wall || !is_sensitive_key(&condition.key) {
            continue;
        }
        for value in &condition.values {
            let mut variables = value.template.variables();
            let foreign =
                variables.find(|it| it.key != condition.key && !is_sensitive_key(&it.key));
            if foreign.is_none() {
                continue;
            }
            let message = format!(
                "`{}` is compared with `{}`",
                condition.key_text.text,
                value.template.text()
            );
            cx.report(value.span, message)
                .why(
                    "whoever sets that value chooses which account, organization or network passes",
                )
                .help(
                    "write the ids themselves, or compare with `${aws:PrincipalOrgID}` or the like",
                );
        }
    }
}
