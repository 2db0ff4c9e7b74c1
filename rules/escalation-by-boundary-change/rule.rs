//! Flags the right to remove or change permissions boundaries.

use crate::rule::{RuleContext, Words};

const ACTIONS: [&str; 4] = [
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "iam:PutRolePermissionsBoundary",
    "iam:PutUserPermissionsBoundary",
];

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let words = Words {
        claim: "take off or replace permissions boundaries, its own too",
        why: "a boundary keeps its user or role from more than it allows; without it, all that other policies allow is allowed",
        help: "leave these actions out, or allow to set one boundary only, by a condition on `iam:PermissionsBoundary`",
    };
    let subject = cx.subject();
    if let Some((mut report, grant)) = cx.report_escalation(words) {
        let edits = subject.without_actions(grant, &ACTIONS);
        report.fix("leave these actions out", edits.unwrap_or_default());
    }
}
