//! Flags Deny statements by Region that hit the global services; spares them.

use crate::json::edit::quoted;
use crate::pattern;
use crate::policy::{Condition, Effect, Statement};
use crate::rule::RuleContext;

/// Global services, each with an action of it (AWS Organizations User Guide, "General examples",
/// read 2026-11).
const GLOBAL: [(&str, &str); 5] = [
    ("iam:*", "iam:CreateRole"),
    ("organizations:*", "organizations:DescribeOrganization"),
    ("route53:*", "route53:ListHostedZones"),
    ("cloudfront:*", "cloudfront:GetDistribution"),
    ("support:*", "support:DescribeCases"),
];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Deny {
        return;
    }
    let mut conditions = statement.conditions.iter();
    let Some(condition) = conditions.find(|it| is_region_deny(it)) else {
        return;
    };
    let element = &statement.action;
    let is_wide = element.negated || element.patterns.iter().any(|it| &*it.text == "*");
    let hit: Vec<&str> = GLOBAL
        .iter()
        .filter(|(_, action)| cx.may_match(statement, action))
        .map(|(pattern, _)| *pattern)
        .collect();
    if !is_wide || !hit.contains(&"iam:*") {
        return;
    }
    let edits = if element.negated {
        cx.add_actions(statement, &hit)
    } else {
        let list: Vec<String> = hit.iter().map(|it| quoted(it)).collect();
        let json = format!("[{}]", list.join(", "));
        let editor = cx.editor();
        let rewrite = editor.map(|it| {
            [
                it.replace_text(element.key_span, "NotAction"),
                it.replace(element.span, json),
            ]
        });
        rewrite.into_iter().flatten().collect()
    };
    let names: Vec<String> = hit.iter().map(|it| format!("`{it}`")).collect();
    let names = names.join(", ");
    cx.report(element.span, "global services are denied with the Regions")
        .related(condition.values_span, "`us-east-1` is not among them")
        .why("their requests go to `us-east-1`, so nobody can use IAM, for one")
        .help(format!("spare {names} by `NotAction`"))
        .fix("spare the global services", edits);
}

/// Whether a condition holds for `us-east-1`, because other Regions of the partition `aws` are
/// excepted.
fn is_region_deny(condition: &Condition) -> bool {
    let texts = || condition.values.iter().map(|it| it.template.text());
    let is_elsewhere =
        |it: &str| it.starts_with("cn-") || it.contains("gov-") || it.contains("iso");
    &*condition.key == "aws:requestedregion"
        && condition.excepts()
        && texts().next().is_some()
        && !texts().any(|it| pattern::matches(it, "us-east-1") || is_elsewhere(it))
}
