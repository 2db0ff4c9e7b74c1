//! Flags condition keys that the service in their prefix does not define.

use crate::policy::Statement;
use crate::rule::{KeyIssue, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if cx.memo.key_issue(condition) != Some(KeyIssue::UnknownOfService) {
            continue;
        }
        let key = &*condition.key_text.text;
        let similar = cx.memo.similar_key(&condition.key_text.text);
        let edits = similar
            .as_ref()
            .and_then(|it| cx.rename_key(statement, condition, it));
        let help = similar.as_ref().map_or_else(
            || "use a key that the service's page lists".into(),
            |it| format!("did you mean `{it}`?"),
        );
        let title = similar
            .map(|it| format!("write `{it}`"))
            .unwrap_or_default();
        let prefix = key.split(':').next().unwrap_or_default();
        let date = &cx.memo.catalog().info().date;
        let why = format!(
            "no request carries it: AWS lists no such key (as of {date}), so the condition never matches a value"
        );
        cx.report(
            condition.key_text.span,
            format!("`{key}` is no condition key of `{prefix}`"),
        )
        .why(why)
        .help(help)
        .fix(title, edits.into_iter().flatten());
    }
}
