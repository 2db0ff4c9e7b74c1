//! Flags statements that differ from an earlier one in nothing but the `Sid`.

use crate::rule::{Differ, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let statements = &subject.document.statements;
    let mut seen = Vec::new();
    for twin in subject
        .twins()
        .iter()
        .filter(|it| it.differ == Differ::Nothing)
    {
        let (Some(first), Some(second)) = (statements.get(twin.first), statements.get(twin.second))
        else {
            continue;
        };
        if seen.contains(&twin.second) {
            continue;
        }
        seen.push(twin.second);
        let edit = subject.editor().and_then(|it| it.remove(second.span));
        let (name, other) = (second.name(twin.second), first.name(twin.first));
        cx.report(second.span, format!("{name} says the same as {other}"))
            .related(first.span, "this one")
            .why("it changes nothing; often the copy was meant to become something else")
            .help("remove it, or change what was meant to differ")
            .fix("remove the statement", edit);
    }
}
