//! Versions that the policy language does not have; the fix writes the current one.

use crate::rule::{RuleContext, set_version};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems_with("unknown-version", |editor, _| {
        let edit = set_version(editor)?;
        Some(("write `2012-10-17`".into(), vec![edit]))
    });
}
