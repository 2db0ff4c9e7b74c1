//! Flags keys of the resource's owner in the policy of the resource.

use crate::policy::Statement;
use crate::rule::RuleContext;

/// Keys that are the same for every request on one resource, in lower case.
const FIXED: [&str; 4] = [
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "s3:resourceaccount",
];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    // A guess may take the policy of a VPC endpoint for one of a resource.
    if !cx.kind_is_certain {
        return;
    }
    for condition in &statement.conditions {
        if !FIXED.contains(&&*condition.key) {
            continue;
        }
        let key = &condition.key_text.text;
        cx.report(
            condition.key_text.span,
            format!("`{key}` is the same for every request that this policy decides"),
        )
        .why("a resource has one owner, so the condition is always true or never")
        .help("remove it, or use it in policies of identities; `aws:PrincipalAccount` and `aws:PrincipalOrgID` tell callers apart");
    }
}
