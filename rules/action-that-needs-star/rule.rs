//! Flags actions without resource types in statements that name resources.

use crate::json::edit;
use crate::policy::{Effect, Statement};
use crate::rule::{RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let (subject, index) = (cx.subject(), cx.index());
    let alone = &subject.matching(index).star_only;
    let Some(first) = alone.first() else {
        return;
    };
    let patterns = &statement.action.patterns;
    let names: Vec<&str> = alone.iter().map(|at| &*patterns[*at].text).collect();
    let spans: Vec<_> = alone.iter().map(|at| patterns[*at].span).collect();
    let list = statement.resource.as_ref().map(|it| it.span);
    let is_all = alone.len() == patterns.len();
    let is_plain = statement.conditions.is_empty() && statement.principal.is_none();
    let edits = subject.editor().filter(|_| is_plain).and_then(|editor| {
        if is_all {
            return list.map(|it| vec![editor.replace_text(it, "*")]);
        }
        let own = edit::object(&[
            ("Effect", edit::quoted(statement.effect.as_str())),
            ("Action", edit::texts(&names)),
            ("Resource", edit::quoted("*")),
        ]);
        let statements = editor.root().get("Statement")?;
        let mut edits = editor.remove_all(&spans)?;
        edits.push(editor.append_element(statements.span(), &own)?);
        Some(edits)
    });
    let (verb, works) = match (statement.effect, names.len()) {
        (Effect::Allow, 1) => ("allowed", "works"),
        (Effect::Allow, _) => ("allowed", "work"),
        (Effect::Deny, 1) => ("denied", "works"),
        (Effect::Deny, _) => ("denied", "work"),
    };
    let message = format!(
        "{} {works} with `\"Resource\": \"*\"` only",
        name_some(&names)
    );
    let mut report = cx.report(patterns[*first].span, message);
    if let Some(list) = list {
        report.related(list, "no request for it names one of these");
    }
    report
        .why(format!(
            "AWS lists no resource types for it, so nothing is {verb} here"
        ))
        .help("move it to a statement with `\"Resource\": \"*\"`")
        .fix(
            "move it to a statement of its own",
            edits.unwrap_or_default(),
        );
}
