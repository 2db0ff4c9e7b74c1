//! Flags the right to act as the role of some function, instance, task or the like.

use crate::rule::{RuleContext, listed};

/// So many actions are named; the others are counted.
const MOST_NAMED: usize = 3;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let found = cx.subject().limited_takeovers();
    let Some((_, _, first)) = found.first() else {
        return;
    };
    let mut names: Vec<String> = found
        .iter()
        .take(MOST_NAMED)
        .map(|(call, _, _)| format!("`{}`", call.action))
        .collect();
    let left = found.len().saturating_sub(MOST_NAMED);
    if left > 0 {
        names.push(format!("{left} more like these"));
    }
    let message = format!(
        "with {}, the holder can act as the roles of what this is allowed on",
        listed(&names, "or")
    );
    let mut report = cx.report(first.action, message);
    report
        .why("whoever says what runs with a role has every permission of that role")
        .help("count the permissions of those roles as permissions of the holder");
    for (number, (call, thing, grant)) in found.iter().take(MOST_NAMED).enumerate() {
        let text = format!("`{}`: the role of each {thing}", call.action);
        if number == 0 {
            report.label(text);
        } else if grant.action != first.action {
            report.related(grant.action, text);
        }
    }
}
