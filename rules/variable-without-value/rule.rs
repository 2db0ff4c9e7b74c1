//! Policy variables that the callers never have.

use crate::policy::{Kind, PrincipalName, Statement};
use crate::rule::{RuleContext, written_variables};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for placed in subject.texts_with_variables() {
        let mut variables = written_variables(placed.text).filter(|it| it.is_closed);
        let is_username = variables.any(|it| {
            it.key().trim().eq_ignore_ascii_case("aws:username") && it.default().is_none()
        });
        if !is_username {
            continue;
        }
        let Some((_, statement)) = subject.statement_at(placed.span) else {
            continue;
        };
        let who = match subject.document.kind {
            Kind::Session => "sessions of roles and of federated users",
            _ if names_no_user(statement) => "the principals of this statement",
            _ => continue,
        };
        cx.report(placed.span, format!("{who} have no `aws:username`"))
            .why("only requests of IAM users carry it; without a value the text matches nothing")
            .help("use `aws:userid` or `aws:PrincipalTag/…`, or give a default");
    }
}

fn names_no_user(statement: &Statement) -> bool {
    let Some(element) = statement.principal.as_ref().filter(|it| !it.negated) else {
        return false;
    };
    !element.entries.is_empty()
        && element.entries.iter().all(|it| {
            matches!(
                it.name,
                PrincipalName::Role { .. }
                    | PrincipalName::SessionArn
                    | PrincipalName::Service
                    | PrincipalName::Federated
            )
        })
}
