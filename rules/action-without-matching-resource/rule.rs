//! Flags actions for which no resource of the statement is of a type that they work on.

use crate::policy::{Effect, Statement};
use crate::rule::{RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let (subject, index) = (cx.subject(), cx.index());
    let unmatched = &subject.matching(index).unmatched;
    let Some(first) = unmatched.first() else {
        return;
    };
    let patterns = &statement.action.patterns;
    let names: Vec<&str> = unmatched.iter().map(|at| &*patterns[*at].text).collect();
    let more = subject.missing_s3_resources(index);
    let texts: Vec<&str> = more.iter().map(String::as_str).collect();
    let list = statement.resource.as_ref().map(|it| it.span);
    let edit = match (list, subject.editor()) {
        (Some(list), Some(editor)) if !texts.is_empty() => editor.append_texts(list, &texts),
        _ => None,
    };
    let help = match (texts.is_empty(), subject.memo.format_of(&patterns[*first])) {
        (false, _) => format!("add {}", name_some(&texts)),
        (true, Some(format)) => format!("name a resource such as `{format}`"),
        (true, None) => "name resources that it works on".to_owned(),
    };
    let verb = match statement.effect {
        Effect::Allow => "allowed",
        Effect::Deny => "denied",
    };
    let works = if names.len() == 1 { "works" } else { "work" };
    let message = format!(
        "{} {works} on none of the resources here",
        name_some(&names)
    );
    let mut report = cx.report(patterns[*first].span, message);
    if let Some(list) = list {
        report.related(list, "these are of other types");
    }
    report
        .why(format!(
            "no request has the action and one of these resources, so nothing is {verb}"
        ))
        .help(help)
        .fix(format!("add {}", name_some(&texts)), edit);
}
