//! Flags resources of a type that no action of the statement works on.

use crate::policy::Statement;
use crate::rule::{RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let (subject, index) = (cx.subject(), cx.index());
    let matching = subject.matching(index);
    let Some(resources) = &statement.resource else {
        return;
    };
    // Where an action has no resource at all, that is the thing to say.
    let (Some(first), true) = (matching.unused.first(), matching.unmatched.is_empty()) else {
        return;
    };
    if matching.unused.len() == resources.patterns.len() {
        return;
    }
    let patterns = &resources.patterns;
    let names: Vec<&str> = matching
        .unused
        .iter()
        .map(|at| patterns[*at].template.text())
        .collect();
    let spans: Vec<_> = matching
        .unused
        .iter()
        .map(|at| patterns[*at].span)
        .collect();
    let edits = subject.editor().and_then(|it| it.remove_all(&spans));
    let message = format!("no action here works on {}", name_some(&names));
    cx.report(patterns[*first].span, message)
        .related(statement.action.span, "these work on other types")
        .why("no request has one of these actions and this resource, so it changes nothing")
        .help("remove it, or add the action that it is there for")
        .fix("remove what no action works on", edits.unwrap_or_default());
}
