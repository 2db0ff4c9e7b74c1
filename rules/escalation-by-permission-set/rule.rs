//! Flags the right to assign or fill permission sets.

use crate::rule::{RuleContext, Words};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_escalation(Words {
        claim: "give itself any permission by a permission set",
        why: "permission sets become roles in the accounts of the organization, with the policies that are in them",
        help: "name the permission sets and accounts",
    });
}
