//! Flags permissions boundaries that the holder of the policy can change.

use crate::pattern::has_wildcard;
use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

/// Actions that change what a managed policy says.
const CHANGES: [&str; 2] = ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"];

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let document = cx.document;
    let allows = || {
        document
            .statements
            .iter()
            .filter(|it| it.effect == Effect::Allow)
    };
    let conditions = allows().flat_map(|it| &it.conditions);
    let demanded = conditions
        .filter(|it| &*it.key == "iam:permissionsboundary" && !it.excepts())
        .flat_map(|it| &it.values);
    let mut seen: Vec<&str> = Vec::new();
    for value in demanded {
        let arn = value.template.text();
        let is_own = arn.starts_with("arn:") && !arn.contains(":iam::aws:");
        if !is_own || has_wildcard(arn) || value.template.has_variables() || seen.contains(&arn) {
            continue;
        }
        seen.push(arn);
        let changes =
            |it: &&Statement, action: &str| cx.may_match(it, action) && cx.covers(it, arn);
        let Some((statement, action)) = CHANGES.iter().find_map(|action| {
            let is_denied = document
                .statements
                .iter()
                .any(|it| it.effect == Effect::Deny && changes(&it, action));
            let found = allows()
                .filter(|it| it.conditions.is_empty() && !is_denied)
                .find(|it| changes(it, action));
            found.map(|it| (it, action))
        }) else {
            continue;
        };
        let span = statement.action.span;
        cx.report(
            span,
            format!("`{action}` is allowed on the boundary `{arn}`"),
        )
        .related(value.span, "demanded here")
        .why("a new version of the boundary lifts every limit that it set")
        .help("deny changes of the boundary's own policy");
    }
}
