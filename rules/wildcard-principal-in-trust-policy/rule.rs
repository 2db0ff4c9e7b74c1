//! Flags `*` as principal of a trust policy, where conditions keep strangers out.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow {
        return;
    }
    let Some(everyone) = statement.everyone() else {
        return;
    };
    cx.report(
        everyone.span,
        "only conditions keep strangers from the role",
    )
    .why("a slip in a condition opens the role to every account")
    .help("name the accounts, and keep the condition beside them");
}
