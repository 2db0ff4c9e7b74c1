//! Flags the right to create access keys of every user.

use crate::rule::{RuleContext, Words};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let words = Words {
        claim: "act as any user",
        why: "the key works like the user, so the holder has the permissions of every user, an administrator's among them",
        help: "limit it to the caller's own user: `arn:aws:iam::*:user/${aws:username}`",
    };
    let subject = cx.subject();
    if let Some((mut report, grant)) = cx.report_escalation(words) {
        report.fix(
            "limit it to the caller's own user",
            subject.limit_to_own_user(grant),
        );
    }
}
