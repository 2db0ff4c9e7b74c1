//! Principals that AWS refuses or that name nobody (P1), and `NotPrincipal` (G17, P9; AWS: "AWS
//! JSON policy elements: Principal", "… NotPrincipal").

use super::REFUSED;
use crate::arn::Arn;
use crate::pattern::has_wildcard;
use crate::policy::{Effect, Kind, PrincipalElement, PrincipalName, Problem, Statement};
use crate::switch::on;

pub(super) fn check(kind: Kind, statement: &Statement, found: &mut Vec<Problem>) {
    let Some(element) = &statement.principal else {
        return;
    };
    if on("P1") && kind.has_principal() {
        check_wildcards(element, found);
    }
    if element.negated {
        check_not_principal(kind, statement.effect, element, found);
    }
}

fn check_wildcards(element: &PrincipalElement, found: &mut Vec<Problem>) {
    for entry in &element.entries {
        if Arn::parse(&entry.text).is_none() || !has_wildcard(&entry.text) {
            continue;
        }
        let message = format!("`{}` is a principal ARN with a wildcard", entry.text);
        found.push(
            Problem::new("P1", "wildcard-in-principal-arn", entry.span, message)
                .why("principal ARNs are compared exactly, so it names nobody; IAM refuses it")
                .help(
                    "name each principal, or use `*` with an `ArnLike` condition on \
                     `aws:PrincipalArn`",
                ),
        );
    }
}

fn check_not_principal(
    kind: Kind,
    effect: Effect,
    element: &PrincipalElement,
    found: &mut Vec<Problem>,
) {
    let span = element.key_span;
    if matches!(kind, Kind::Identity | Kind::Trust | Kind::Rcp) {
        if on("G17") {
            let message = format!("{} has no `NotPrincipal`", kind.title_with_article());
            found.push(
                Problem::new("G17", "unexpected-not-principal", span, message)
                    .why(REFUSED)
                    .help(match kind {
                        Kind::Identity => "remove it: the policy applies to whom it is attached to",
                        _ => "use `Principal`, and except principals by `aws:PrincipalArn`",
                    }),
            );
        }
    } else if !kind.has_principal() {
        // Lowering reported it (G10).
    } else if effect == Effect::Allow {
        if on("G17") {
            found.push(
                Problem::new(
                    "G17",
                    "not-principal-with-allow",
                    span,
                    "`NotPrincipal` stands with `Allow`",
                )
                .why("it allows everyone but these, anonymous callers included; most services refuse it")
                .help("name whom to allow with `Principal`"),
            );
        }
    } else if on("P9") {
        let missing = missing_forms(element);
        if let Some(example) = missing.first() {
            let message = format!("`NotPrincipal` does not list `{example}`");
            found.push(
                Problem::new("P9", "not-principal-without-account", span, message)
                    .warning()
                    .why("a Deny may still hit a principal whose account or role is not listed too")
                    .help(format!("add {}", quoted(&missing))),
            );
        }
    }
}

/// Rule P9: returns the ARNs that should stand beside the names: the account of each user and
/// role, and the role of each session.
#[must_use]
pub fn missing_forms(element: &PrincipalElement) -> Vec<String> {
    let mut missing = Vec::new();
    for entry in &element.entries {
        let Some(arn) = Arn::parse(&entry.text) else {
            continue;
        };
        let account_listed = element.entries.iter().any(|other| {
            matches!(&other.name, PrincipalName::Account { account } if **account == *arn.account)
        });
        let is_named = matches!(
            entry.name,
            PrincipalName::User { .. } | PrincipalName::Role { .. } | PrincipalName::SessionArn
        );
        let root = format!("arn:{}:iam::{}:root", arn.partition, arn.account);
        if is_named && !account_listed && !missing.contains(&root) {
            missing.push(root);
        }
        let session = arn.resource.strip_prefix("assumed-role/");
        let role = session.and_then(|it| it.split('/').next());
        let Some(role) = role.filter(|_| entry.name == PrincipalName::SessionArn) else {
            continue;
        };
        let role_listed = element.entries.iter().any(
            |other| matches!(&other.name, PrincipalName::Role { name, .. } if **name == *role),
        );
        let role = format!("arn:{}:iam::{}:role/{role}", arn.partition, arn.account);
        if !role_listed && !missing.contains(&role) {
            missing.push(role);
        }
    }
    missing
}

fn quoted(texts: &[String]) -> String {
    let quoted: Vec<_> = texts.iter().map(|text| format!("`{text}`")).collect();
    quoted.join(" and ")
}
