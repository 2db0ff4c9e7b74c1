//! Flags `NotAction` that leaves in actions of IAM which lead to any permission.

use crate::rule::{RuleContext, Words};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_left_in(Words {
        claim: "give itself any permission",
        why: "`NotAction` allows every action but those it names, and these are worth all others",
        help: "list what is needed in `Action`, or add `iam:*` to `NotAction`",
    });
}
