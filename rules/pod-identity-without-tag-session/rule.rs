//! Flags trust in EKS Pod Identity without `sts:TagSession`; adds it.

use crate::policy::Statement;
use crate::rule::RuleContext;

const SERVICE: &str = "pods.eks.amazonaws.com";

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let of_service = |it: &&Statement| it.services().any(|it| &*it.text == SERVICE);
    let statements = || subject.document.statements.iter().filter(of_service);
    let allows = |action: &str| statements().find(|it| subject.may_match(it, action));
    let Some(first) = allows("sts:AssumeRole") else {
        return;
    };
    if allows("sts:TagSession").is_some() {
        return;
    }
    let edits = match first.action.negated {
        true => Vec::new(),
        false => subject.add_actions(first, &["sts:TagSession"]),
    };
    cx.report(
        first.action.span,
        format!("`{SERVICE}` also needs `sts:TagSession`"),
    )
    .why("EKS Pod Identity passes session tags, so pods get no credentials without it")
    .help("add `sts:TagSession`")
    .fix("add `sts:TagSession`", edits);
}
