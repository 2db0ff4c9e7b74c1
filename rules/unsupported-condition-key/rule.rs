//! Flags global condition keys that AWS does not support any more.

use crate::policy::Statement;
use crate::rule::{RuleContext, replaced_key};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let Some(new) = replaced_key(&condition.key) else {
            continue;
        };
        let edits = cx.rename_key(statement, condition, new.key);
        let key = &condition.key_text.text;
        cx.report(
            condition.key_text.span,
            format!("`{key}` is not supported any more"),
        )
        .why("IAM Access Analyzer refuses it: newer keys took its place")
        .help(new.help)
        .fix(format!("write `{}`", new.key), edits.into_iter().flatten());
    }
}
