//! Statement ids that IAM refuses; the fix keeps their letters and digits.

use crate::policy::grammar::plain_sid;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    cx.report_problems_with("malformed-sid", |editor, problem| {
        let (index, statement) = subject.statement_at(problem.span)?;
        let sid = statement.sid.as_ref()?;
        let plain = plain_sid(&sid.text);
        if plain.is_empty() {
            let edit = editor.remove(editor.member_around(sid.span)?.key_span)?;
            return Some(("remove the `Sid`".into(), vec![edit]));
        }
        // Others may become, or be, the same.
        let statements = subject.document.statements.iter().enumerate();
        let others = statements.filter_map(|(at, it)| Some((at, it.sid.as_ref()?)));
        let (mut before, mut is_taken) = (0, false);
        for (at, other) in others.filter(|(at, _)| *at != index) {
            is_taken |= *other.text == *plain;
            before += usize::from(at < index && plain_sid(&other.text) == plain);
        }
        let plain = match (before, is_taken) {
            (0, false) => plain,
            (before, _) => subject.numbered_sid(&plain, before.saturating_sub(1)),
        };
        let edit = editor.replace_text(sid.span, &plain);
        Some((format!("write `{plain}`"), vec![edit]))
    });
}
