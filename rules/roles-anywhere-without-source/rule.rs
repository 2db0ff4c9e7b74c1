//! Flags trust in IAM Roles Anywhere without a trust anchor or certificate.

use crate::policy::{Condition, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let mut services = statement.services();
    let Some(entry) = services.find(|it| &*it.text == "rolesanywhere.amazonaws.com") else {
        return;
    };
    let names_certificate = |it: &Condition| {
        let is_tag = it.key.starts_with("aws:principaltag/x509")
            || it.key.starts_with("aws:requesttag/x509")
            || &*it.key == "sts:sourceidentity";
        is_tag && it.names_values()
    };
    if statement.fixes_source() || statement.conditions.iter().any(names_certificate) {
        return;
    }
    cx.report(
        entry.span,
        "every certificate of every trust anchor is trusted",
    )
    .why("whoever has a certificate that any trust anchor vouches for can get at the role")
    .help("add `aws:SourceArn` with the trust anchor, or `aws:PrincipalTag/x509Subject/CN`");
}
