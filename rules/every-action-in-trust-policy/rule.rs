//! Flags `*` and `sts:*` in trust policies; writes the action that the principals have.

use crate::policy::{Effect, PrincipalName, Statement};
use crate::rule::{Provider, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow || statement.action.negated {
        return;
    }
    let patterns = &statement.action.patterns;
    for pattern in patterns
        .iter()
        .filter(|it| matches!(it.folded(), "*" | "sts:*"))
    {
        let action = action_of(statement).filter(|_| patterns.len() == 1);
        let editor = cx.editor();
        let edits = editor
            .zip(action)
            .map(|(it, name)| it.replace_text(pattern.span, name));
        let title = format!("write `{}`", action.unwrap_or_default());
        cx.report(
            pattern.span,
            format!("`{}` is more than to assume the role", pattern.text),
        )
        .why("the caller may also set session tags and a source identity of its choice")
        .help("name the actions that the caller needs, such as `sts:AssumeRole`")
        .fix(title, edits);
    }
}

/// Returns the one action by which all principals assume a role.
fn action_of(statement: &Statement) -> Option<&'static str> {
    let mut actions = statement.named().map(|it| match it.provider() {
        Some(Provider::Oidc(_)) => Some("sts:AssumeRoleWithWebIdentity"),
        Some(Provider::Saml) => Some("sts:AssumeRoleWithSAML"),
        Some(Provider::Malformed) => None,
        // These need `sts:TagSession` too.
        None if it.text.starts_with("pods.eks.") || it.text.starts_with("rolesanywhere.") => None,
        None => match it.name {
            PrincipalName::Other | PrincipalName::Everyone => None,
            _ => Some("sts:AssumeRole"),
        },
    });
    let first = actions.next()??;
    actions.all(|it| it == Some(first)).then_some(first)
}
