//! Flags the right to rewrite the trust policy of every role.

use crate::rule::{RuleContext, Words};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_escalation(Words {
        claim: "assume any role",
        why: "the holder names itself in the trust policy of a role, and so has the permissions of every role, an administrator's among them",
        help: "name the roles, such as `arn:aws:iam::111122223333:role/app/*`",
    });
}
