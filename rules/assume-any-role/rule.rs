//! Flags the right to assume every role.

use crate::rule::{RuleContext, Words};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_escalation(Words {
        claim: "assume every role that trusts the account, here and elsewhere",
        why: "many trust policies name a whole account and leave it to policies like this one who in it may assume the role",
        help: "name the roles to assume, such as `arn:aws:iam::111122223333:role/app`",
    });
}
