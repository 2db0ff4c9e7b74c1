//! Elements that the policy language does not have; the fix renames a misspelt one, or removes a
//! remark.

use crate::policy::similar_element;
use crate::rule::RuleContext;

/// Names under which people leave remarks, in lower case.
const REMARKS: [&str; 8] = [
    "_comment",
    "//",
    "comment",
    "comments",
    "description",
    "note",
    "notes",
    "remark",
];

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    cx.report_problems_with("unknown-element", |editor, problem| {
        let member = editor.member_at(problem.span)?;
        let statement = subject.statement_at(problem.span);
        if REMARKS.contains(&&*member.key.to_ascii_lowercase()) {
            let edit = editor.remove(member.key_span)?;
            return Some((format!("remove `{}`", member.key), vec![edit]));
        }
        let name = similar_element(member.key, statement.is_some())?;
        let around = match statement {
            Some((_, statement)) => editor.value_at(statement.span)?,
            None => editor.root(),
        };
        // Beside the element itself, or its opposite, a second one would be wrong too.
        let stem = name.trim_start_matches("Not");
        let is_taken = around
            .members()
            .any(|it| it.key.trim_start_matches("Not") == stem);
        if is_taken {
            return None;
        }
        let edit = editor.replace_text(member.key_span, name);
        Some((format!("write `{name}`"), vec![edit]))
    });
}
