//! Flags actions whose letter case differs from AWS's reference, one finding a statement.

use crate::policy::Statement;
use crate::rule::{RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let memo = cx.memo;
    let mut other = Vec::new();
    for pattern in statement
        .action
        .patterns
        .iter()
        .filter(|it| !it.has_wildcard())
    {
        if let [action] = *memo.expand(pattern.folded()) {
            let is_same = pattern.text.split_once(':').is_some_and(|(prefix, name)| {
                prefix == action.service.prefix() && name == &*action.action.name
            });
            if !is_same {
                other.push((pattern.span, &*pattern.text, action.name()));
            }
        }
    }
    let Some((span, _, _)) = other.first() else {
        return;
    };
    let texts: Vec<&str> = other.iter().map(|(_, text, _)| *text).collect();
    let names: Vec<&str> = other.iter().map(|(_, _, name)| name.as_str()).collect();
    let edits = cx.editor().map(|editor| {
        let edit = |(span, _, name): &(_, &str, String)| editor.replace_text(*span, name);
        other.iter().map(edit).collect::<Vec<_>>()
    });
    cx.report(
        *span,
        format!("{} in unusual letter case", name_some(&texts)),
    )
    .label(format!(
        "AWS writes `{}`",
        names.first().copied().unwrap_or_default()
    ))
    .why("AWS does not mind, but searches, reviews and other tools may")
    .help(format!("write {}", name_some(&names)))
    .fix("write the names as AWS does", edits.unwrap_or_default());
}
