//! Flags the right to write inline policies of every principal.

use crate::rule::{RuleContext, Words};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_escalation(Words {
        claim: "write any permission into an inline policy",
        why: "the holder writes it for itself, or for a principal that it can act as, and so gets any permission in one call",
        help: "name the users, groups and roles, or require a permissions boundary by a condition on `iam:PermissionsBoundary`",
    });
}
