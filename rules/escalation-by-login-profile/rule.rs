//! Flags the right to set the password of every user.

use crate::rule::{RuleContext, Words};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let words = Words {
        claim: "sign in as any user",
        why: "who knows the password is the user, so the holder has the permissions of every user, an administrator's among them",
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
