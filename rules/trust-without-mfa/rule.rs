//! Lists roles that IAM users can assume without MFA.

use crate::policy::{PrincipalName, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let is_user = |name: &PrincipalName| matches!(name, PrincipalName::User { .. });
    let Some(user) = statement.admitted().find(|it| is_user(&it.name)) else {
        return;
    };
    let asks = |it: &crate::policy::Condition| it.key.starts_with("aws:multifactorauth");
    if statement.conditions.iter().any(asks) || !cx.may_match(statement, "sts:AssumeRole") {
        return;
    }
    let edits = cx.demand(statement, "Bool", "aws:MultiFactorAuthPresent", &["true"]);
    cx.report(
        user.span,
        format!("`{}` may assume the role without MFA", user.text),
    )
    .why("whoever gets hold of an access key of the user can assume the role")
    .help("demand `aws:MultiFactorAuthPresent`")
    .fix("demand MFA", edits);
}
