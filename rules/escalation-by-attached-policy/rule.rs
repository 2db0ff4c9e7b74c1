//! Flags the right to attach any managed policy to every principal.

use crate::rule::{RuleContext, Words};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_escalation(Words {
        claim: "attach managed policies that give everything",
        why: "the holder attaches it to itself, or to a principal that it can act as, and so gets any permission in one call",
        help: "limit the policies by a condition on `iam:PolicyARN`, or the users, groups and roles by their ARNs",
    });
}
