//! Flags condition keys that are not of the form `prefix:name`.

use crate::policy::Statement;
use crate::rule::{KeyIssue, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if cx.memo.key_issue(condition) != Some(KeyIssue::Malformed) {
            continue;
        }
        let key = &*condition.key_text.text;
        let similar = cx.memo.similar_key(&condition.key_text.text);
        let edits = similar
            .as_ref()
            .and_then(|it| cx.rename_key(statement, condition, it));
        let help = similar.as_ref().map_or_else(
            || "write `aws:` and the name of a global key, or a service's prefix and a key of its own".into(),
            |it| format!("did you mean `{it}`?"),
        );
        let title = similar
            .map(|it| format!("write `{it}`"))
            .unwrap_or_default();
        cx.report(
            condition.key_text.span,
            format!("`{key}` is no condition key"),
        )
        .why("a condition key is a prefix, a colon and a name; no request carries one without")
        .help(help)
        .fix(title, edits.into_iter().flatten());
    }
}
