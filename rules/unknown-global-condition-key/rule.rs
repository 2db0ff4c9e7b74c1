//! Flags `aws:` condition keys that AWS does not define.

use crate::policy::Statement;
use crate::rule::{KeyIssue, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if cx.memo.key_issue(condition) != Some(KeyIssue::UnknownGlobal) {
            continue;
        }
        let key = &*condition.key_text.text;
        if crate::rule::replaced_key(key).is_some() {
            continue;
        }
        let similar = cx.memo.similar_key(&condition.key_text.text);
        let edits = similar
            .as_ref()
            .and_then(|it| cx.rename_key(statement, condition, it));
        let help = similar.as_ref().map_or_else(
            || "use a key of the page \"AWS global condition context keys\"".into(),
            |it| format!("did you mean `{it}`?"),
        );
        let title = similar
            .map(|it| format!("write `{it}`"))
            .unwrap_or_default();
        let date = &cx.memo.catalog().info().date;
        let why = format!(
            "no request carries it: AWS defines no such key (as of {date}), so the condition never matches a value"
        );
        cx.report(
            condition.key_text.span,
            format!("`{key}` is no global condition key"),
        )
        .why(why)
        .help(help)
        .fix(title, edits.into_iter().flatten());
    }
}
