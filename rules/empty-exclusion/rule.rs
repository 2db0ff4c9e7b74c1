//! Empty lists of what is excluded; the fix writes `"*"` under the opposite element, which says the
//! same.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems_with("empty-exclusion", |editor, problem| {
        let member = editor.member_around(problem.span)?;
        let name = member.key.strip_prefix("Not")?;
        // Who everyone is depends on the effect.
        if name == "Principal" {
            return None;
        }
        let edits = vec![
            editor.replace_text(member.key_span, name),
            editor.replace_text(member.value.span(), "*"),
        ];
        Some((
            format!("write `\"{name}\": \"*\"`, which says the same"),
            edits,
        ))
    });
}
