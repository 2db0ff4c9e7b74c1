//! Flags condition keys whose prefix is no service's.

use crate::policy::Statement;
use crate::rule::{KeyIssue, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if cx.memo.key_issue(condition) != Some(KeyIssue::UnknownService) {
            continue;
        }
        let key = &*condition.key_text.text;
        let prefix = key.split(':').next().unwrap_or_default();
        if crate::rule::is_retired(prefix) {
            continue;
        }
        let catalog = cx.memo.catalog();
        let similar = catalog.similar_services(prefix);
        let meant = similar.iter().find_map(|it| {
            let key = format!("{it}{}", &key[prefix.len()..]);
            catalog.condition_key(&key).map(|_| key)
        });
        let edits = meant
            .as_ref()
            .and_then(|it| cx.rename_key(statement, condition, it));
        let help = meant.as_ref().map_or_else(
            || "use the prefix of a service, or `aws:` for a global key".into(),
            |it| format!("did you mean `{it}`?"),
        );
        let why = format!(
            "no request carries a key with the prefix `{prefix}` (as of {}), so the condition never matches a value",
            catalog.info().date
        );
        let title = meant.map(|it| format!("write `{it}`")).unwrap_or_default();
        cx.report(
            condition.key_text.span,
            format!("`{prefix}` is the prefix of no service"),
        )
        .why(why)
        .help(help)
        .fix(title, edits.into_iter().flatten());
    }
}
