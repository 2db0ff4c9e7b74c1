//! Flags trust in IAM Roles Anywhere without the three actions that it needs.

use crate::policy::Statement;
use crate::rule::RuleContext;

const SERVICE: &str = "rolesanywhere.amazonaws.com";
const NEEDED: [&str; 3] = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"];

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let of_service = |it: &&Statement| it.services().any(|it| &*it.text == SERVICE);
    let statements = || subject.document.statements.iter().filter(of_service);
    let Some(first) = statements().next() else {
        return;
    };
    let is_missing = |action: &&str| !statements().any(|it| subject.may_match(it, action));
    let missing: Vec<&str> = NEEDED.into_iter().filter(is_missing).collect();
    if missing.is_empty() {
        return;
    }
    let edits = match first.action.negated {
        true => Vec::new(),
        false => subject.add_actions(first, &missing),
    };
    let names: Vec<String> = missing.iter().map(|it| format!("`{it}`")).collect();
    let names = names.join(" and ");
    cx.report(first.action.span, format!("`{SERVICE}` also needs {names}"))
        .why("IAM Roles Anywhere calls all three at once, so it cannot assume the role")
        .help(format!("add {names}"))
        .fix(format!("add {names}"), edits);
}
