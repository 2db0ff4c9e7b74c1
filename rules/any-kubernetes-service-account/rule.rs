//! Flags roles for any service account of an Amazon EKS cluster.

use crate::pattern::has_wildcard;
use crate::policy::Statement;
use crate::rule::{RuleContext, is_eks};

const WHY: &str = "whoever can run a pod there can have the role";
const HELP: &str = "name both, as in `system:serviceaccount:NAMESPACE:NAME`";

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for (entry, url) in statement.oidc_providers().filter(|(_, url)| is_eks(url)) {
        let mut subjects = statement
            .claims_of(url)
            .filter(|(claim, _)| *claim == "sub");
        let mut subjects_here = subjects.by_ref().peekable();
        // A key of another cluster keeps everybody out, if by mistake.
        let is_foreign = |it: &crate::policy::Condition| {
            it.claim().is_some() && it.claim_of(url).is_none() && it.limits_claim()
        };
        if subjects_here.peek().is_none() {
            if !statement.conditions.iter().any(is_foreign) {
                cx.report(
                    entry.span,
                    "any service account of the cluster can have the role",
                )
                .why(WHY)
                .help(HELP);
            }
            continue;
        }
        for (_, condition) in subjects_here {
            for value in condition.patterns() {
                let text = value.template.text();
                let mut parts = text.splitn(4, ':').skip(2);
                let namespace = parts.next().unwrap_or("*");
                if has_wildcard(namespace) {
                    cx.report(value.span, format!("`{text}` matches several namespaces"))
                        .why(WHY)
                        .help(HELP);
                }
            }
        }
    }
}
