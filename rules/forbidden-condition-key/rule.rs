//! Flags condition keys that the team forbids.

use crate::pattern;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let mut forbidden = cx.subject().lists.forbidden_condition_keys.iter();
        if !forbidden.any(|it| pattern::matches_folded(it, &condition.key)) {
            continue;
        }
        let key = &condition.key_text.text;
        cx.report(
            condition.key_text.span,
            format!("`{key}` is forbidden by your settings"),
        )
        .why("your settings say that no policy may rest on this key")
        .help("use another key, or take it off the list");
    }
}
