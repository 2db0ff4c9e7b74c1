//! Flags session ARNs in a trust policy whose role is named too.

use crate::policy::{PrincipalName, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(principal) = statement.principal.as_ref().filter(|it| !it.negated) else {
        return;
    };
    for entry in &principal.entries {
        if entry.name != PrincipalName::SessionArn {
            continue;
        }
        let Some(arn) = crate::arn::Arn::parse(&entry.text) else {
            continue;
        };
        let Some((role, _)) = arn
            .resource
            .strip_prefix("assumed-role/")
            .and_then(|it| it.split_once('/'))
        else {
            continue;
        };
        let parent = principal.entries.iter().find(|it| match &it.name {
            PrincipalName::Role { account, name, .. } => {
                **account == *arn.account && **name == *role
            }
            _ => false,
        });
        let Some(parent) = parent else {
            continue;
        };
        let edit = cx.editor().and_then(|it| it.remove(entry.span));
        cx.report(
            entry.span,
            format!("`{}` is a session of a role that is named too", entry.text),
        )
        .related(parent.span, "this role stands for all of its sessions")
        .why("every session of the role is trusted already")
        .help("remove it, or the role if only this session is meant")
        .fix("remove the session", edit);
    }
}
