//! Flags Deny statements on tags of the resource with actions that never carry them.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Deny {
        return;
    }
    for condition in &statement.conditions {
        if !condition.key.starts_with("aws:resourcetag/") || condition.holds_when_absent() {
            continue;
        }
        let Some((without, _)) = cx.without_key(statement, condition) else {
            continue;
        };
        let Some(pattern) = without.first() else {
            continue;
        };
        let (key, action) = (&condition.key_text.text, &pattern.text);
        let message = match without.len() {
            1 => format!("`{action}` escapes this Deny: AWS does not list `{key}` for it"),
            2 => format!(
                "`{action}` and another action escape this Deny: AWS does not list `{key}` for them"
            ),
            count => format!(
                "`{action}` and {} more actions escape this Deny: AWS does not list `{key}` for them",
                count - 1
            ),
        };
        let mut report = cx.report(condition.key_text.span, message);
        for pattern in &without {
            report.related(pattern.span, "not denied");
        }
        report
            .why("requests carry the tags of the resource where AWS lists them for the action; elsewhere the condition is false, also where the resource has the tag")
            .help("deny these actions by the ARNs of the resources, in a statement of their own");
    }
}
