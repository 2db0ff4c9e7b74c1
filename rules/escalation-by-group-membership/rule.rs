//! Flags the right to add users to every group.

use crate::rule::{RuleContext, Words};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_escalation(Words {
        claim: "add itself to any group",
        why: "a user has what its groups have, so the holder gets the permissions of every group, the administrators' among them",
        help: "name the groups, such as `arn:aws:iam::111122223333:group/app/*`",
    });
}
