//! Flags the right to remove or change permissions boundaries.

use crate::rule::{RuleContext, Words};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_escalation(Words {
        claim: "take off or replace permissions boundaries, its own too",
        why: "a boundary keeps its user or role from more than it allows; without it, all that other policies allow is allowed",
        help: "leave these actions out, or allow to set one boundary only, by a condition on `iam:PermissionsBoundary`",
    });
}
