//! Flags the right to take policies away, with what they deny.

use crate::rule::{RuleContext, Words};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_escalation(Words {
        claim: "take away policies that deny",
        why: "a Deny holds as long as its policy is there: without it, all that other policies allow is allowed",
        help: "name the users, groups and roles, or limit the policies by a condition on `iam:PolicyARN`",
    });
}
