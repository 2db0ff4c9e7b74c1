//! Flags condition keys for tags that name no tag, such as `aws:ResourceTag`.

use crate::policy::Statement;
use crate::rule::{KeyIssue, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if cx.memo.key_issue(condition) != Some(KeyIssue::NoTag) {
            continue;
        }
        let key = &*condition.key_text.text;
        let known = cx.memo.tag_key(&condition.key).unwrap_or_default();
        let stem = known.split('/').next().unwrap_or_default();
        cx.report(condition.key_text.span, format!("`{key}` names no tag"))
            .why("the key of a tag is part of the condition key; no request carries one without it")
            .help(format!("write `{stem}/` and the key of the tag"));
    }
}
