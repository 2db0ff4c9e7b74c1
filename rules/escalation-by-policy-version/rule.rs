//! Flags the right to change every managed policy.

use crate::rule::{RuleContext, Words};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_escalation(Words {
        claim: "change what every managed policy of the account allows",
        why: "the holder writes the policy that it has itself, and so gets any permission in one call",
        help: "name the policies that may be changed, and let none of them be one that the holder has",
    });
}
