//! Flags lists with every action of a service that starts with the same verb.

use crate::policy::Statement;
use crate::rule::{RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    // Fewer are no trouble to read.
    const LEAST: usize = 4;
    if statement.action.patterns.len() < LEAST {
        return;
    }
    let subject = cx.subject();
    for (wildcard, positions) in subject.complete_verbs(statement, LEAST) {
        let patterns: Vec<_> = positions
            .iter()
            .map(|at| &statement.action.patterns[*at])
            .collect();
        let Some((first, rest)) = patterns.split_first() else {
            continue;
        };
        let names: Vec<&str> = patterns.iter().map(|it| &*it.text).collect();
        let edits = subject.editor().and_then(|editor| {
            let spans: Vec<_> = rest.iter().map(|it| it.span).collect();
            let mut edits = editor.remove_all(&spans)?;
            edits.push(editor.replace_text(first.span, &wildcard));
            Some(edits)
        });
        let date = &subject.memo.catalog().info().date;
        let message = format!("{} are all that `{wildcard}` names", name_some(&names));
        cx.report(first.span, message)
            .why(format!(
                "one entry says the same as of {date}, if later actions are welcome too"
            ))
            .help(format!("write `{wildcard}` to save room"))
            .fix(format!("write `{wildcard}`"), edits.unwrap_or_default());
    }
}
