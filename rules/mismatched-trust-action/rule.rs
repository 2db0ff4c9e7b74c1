//! Flags actions of a trust policy that no principal of the statement can call.

use crate::policy::{PrincipalName, Statement};
use crate::rule::{Provider, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.admitted().next().is_none() || statement.action.negated {
        return;
    }
    let (mut web, mut saml, mut direct) = (false, false, false);
    for entry in statement.admitted() {
        match entry.provider() {
            Some(Provider::Oidc(_)) => web = true,
            Some(Provider::Saml) => saml = true,
            // Other findings speak of these.
            Some(Provider::Malformed) => return,
            None => match entry.name {
                PrincipalName::Other | PrincipalName::Everyone => return,
                _ => direct = true,
            },
        }
    }
    let actions = [
        ("sts:AssumeRole", direct),
        ("sts:AssumeRoleWithSAML", saml),
        ("sts:AssumeRoleWithWebIdentity", web),
    ];
    let mut right = actions.iter().filter(|(_, fits)| *fits);
    // With principals of several kinds it is not plain which action was meant.
    let only = right.next().filter(|_| right.next().is_none());
    for pattern in &statement.action.patterns {
        let same = |it: &&(&str, bool)| it.0.eq_ignore_ascii_case(&pattern.text);
        if actions.iter().find(same).is_none_or(|(_, fits)| *fits) {
            continue;
        }
        let edits = match only {
            None => Vec::new(),
            Some((name, _)) if cx.action_pattern(statement, name).is_some() => {
                cx.remove(pattern.span)
            }
            Some((name, _)) => {
                let editor = cx.editor();
                editor
                    .map(|it| it.replace_text(pattern.span, name))
                    .into_iter()
                    .collect()
            }
        };
        let fitting: Vec<String> = actions
            .iter()
            .filter(|(_, fits)| *fits)
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        let span = statement.principal_span();
        cx.report(
            pattern.span,
            format!("no principal here can call `{}`", pattern.text),
        )
        .related(span, "has another way to assume a role")
        .why("the statement lets nobody in by this action")
        .help(format!("use {}", fitting.join(" and ")))
        .fix("use the principal's action", edits);
    }
}
