//! Statement ids that stand more than once in policies that IAM does not store; the fix numbers them.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let statements = &subject.document.statements;
    for (index, statement) in statements.iter().enumerate() {
        let Some(sid) = statement.sid.as_ref().filter(|it| !it.text.is_empty()) else {
            continue;
        };
        let mut before = statements[..index].iter().filter_map(|it| it.sid.as_ref());
        let Some(first) = before.find(|it| it.text == sid.text) else {
            continue;
        };
        let new = subject.unique_sid(index, statement);
        let change = subject.editor().zip(new);
        let mut report = cx.report(
            sid.span,
            format!("`{}` is the `Sid` of two statements", sid.text),
        );
        report
            .related(first.span, "first here")
            .why("a statement is named by its `Sid`, and some services refuse a second one")
            .help("rename one of the two");
        if let Some((editor, new)) = change {
            let edit = editor.replace_text(sid.span, &new);
            report.fix(format!("write `{new}`"), [edit]);
        }
    }
}
