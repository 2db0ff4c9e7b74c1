//! Flags actions that another text of the same list covers, one finding a statement.

use crate::policy::Statement;
use crate::rule::{RuleContext, covered_actions, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let covered = covered_actions(&statement.action);
    let Some((inner, outer)) = covered.first() else {
        return;
    };
    let patterns = &statement.action.patterns;
    let names: Vec<&str> = covered.iter().map(|(at, _)| &*patterns[*at].text).collect();
    let spans: Vec<_> = covered.iter().map(|(at, _)| patterns[*at].span).collect();
    let edits = cx.editor().and_then(|it| it.remove_all(&spans));
    let outer = &patterns[*outer];
    let verb = if names.len() == 1 { "is" } else { "are" };
    let message = format!("{} {verb} covered by the same list", name_some(&names));
    cx.report(patterns[*inner].span, message)
        .related(outer.span, format!("`{}` covers it", outer.text))
        .why("it changes nothing, and hides how much the list says")
        .help(format!(
            "remove it, or the wider entry if `{}` is more than is meant",
            outer.text
        ))
        .fix("remove what is covered", edits.unwrap_or_default());
}
