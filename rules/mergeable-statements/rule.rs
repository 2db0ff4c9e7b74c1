//! Flags pairs of statements that could be one.

use crate::rule::{Differ, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let statements = &subject.document.statements;
    let mut taken = Vec::new();
    for twin in subject
        .twins()
        .iter()
        .filter(|it| it.differ != Differ::Nothing)
    {
        let (Some(first), Some(second)) = (statements.get(twin.first), statements.get(twin.second))
        else {
            continue;
        };
        if taken.contains(&twin.first) || taken.contains(&twin.second) {
            continue;
        }
        taken.push(twin.second);
        let (list, what, texts) = match twin.differ {
            Differ::Actions => {
                let own: Vec<&str> = first.action.patterns.iter().map(|it| it.folded()).collect();
                let more = second.action.patterns.iter();
                let more = more.filter(|it| !own.contains(&it.folded()));
                let texts: Vec<&str> = more.map(|it| &*it.text).collect();
                (Some(first.action.span), "actions", texts)
            }
            _ => {
                let all = |it: &'_ Option<_>| {
                    it.as_ref()
                        .map(|it: &crate::policy::ResourceElement| it.span)
                };
                let own = |at: usize| {
                    let element = statements[at].resource.iter();
                    element
                        .flat_map(|it| it.patterns.iter())
                        .map(|it| it.template.text())
                };
                let mine: Vec<&str> = own(twin.first).collect();
                let texts: Vec<&str> = own(twin.second).filter(|it| !mine.contains(it)).collect();
                (all(&first.resource), "resources", texts)
            }
        };
        let edits = match (list, subject.editor()) {
            (Some(list), Some(editor)) if !texts.is_empty() => editor
                .append_texts(list, &texts)
                .zip(editor.remove(second.span))
                .map(|(a, b)| vec![a, b]),
            _ => None,
        };
        let (name, other) = (second.name(twin.second), first.name(twin.first));
        cx.report(
            second.span,
            format!("{name} differs from {other} in its {what} only"),
        )
        .related(first.span, "this one")
        .why("one statement says the same in less room, and is read as one")
        .help(format!("add the {what} to {other}"))
        .fix("make one statement of the two", edits.unwrap_or_default());
    }
}
