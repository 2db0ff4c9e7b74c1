//! Flags the right to make a role or user, give it any permission and act as it.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    for made in cx.subject().made_principals() {
        let names: Vec<String> = made
            .steps
            .iter()
            .map(|(action, _)| format!("`{action}`"))
            .collect();
        let [before @ .., last] = names.as_slice() else {
            continue;
        };
        let message = format!(
            "with {} and {last}, the holder can make a {} that may do anything, and act as it",
            before.join(", "),
            made.kind
        );
        let Some((_, create)) = made.steps.first() else {
            continue;
        };
        let mut report = cx.report(create.action, message);
        for (number, (name, (_, grant))) in names.iter().zip(&made.steps).enumerate() {
            report.related(grant.action, format!("{}. {name}", number + 1));
        }
        report
            .why("names are limited, but not what the new one may do")
            .help("require a permissions boundary by a condition on `iam:PermissionsBoundary` in each of these statements, or limit the policies by `iam:PolicyARN`");
    }
}
