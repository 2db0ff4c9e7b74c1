//! Flags the right to make roles or users without a permissions boundary.

use crate::rule::{Ask, RuleContext};

/// Ways to make somebody, with the ways to give it permissions.
const WAYS: [(&str, [&str; 2]); 2] = [
    (
        "iam:CreateRole",
        ["iam:AttachRolePolicy", "iam:PutRolePolicy"],
    ),
    (
        "iam:CreateUser",
        ["iam:AttachUserPolicy", "iam:PutUserPolicy"],
    ),
];

pub(super) fn check(cx: &mut RuleContext<'_>) {
    for (create, gives) in WAYS {
        let ask = |action| Ask {
            action,
            context: &[],
        };
        let paths = || {
            gives
                .iter()
                .find_map(|give| cx.path(&[ask(create), ask(give)]))
        };
        let Some(path) = paths() else {
            continue;
        };
        let Some(grant) = path.first() else {
            continue;
        };
        // Whoever has all of IAM can do away with a boundary too.
        let element = &grant.statement.action;
        let is_whole = |text: &str| matches!(text, "*" | "iam:*");
        if element.negated || element.patterns.iter().any(|it| is_whole(it.folded())) {
            continue;
        }
        cx.report(
            grant.action,
            format!("`{create}` is allowed without a permissions boundary"),
        )
        .why("whoever makes a role or user and gives it permissions has them all")
        .help("demand `iam:PermissionsBoundary` with the ARN of a boundary");
    }
}
