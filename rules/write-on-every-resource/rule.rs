//! Flags actions that change that are allowed on `*` although they work on resources.

use crate::catalog::AccessLevel;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let (subject, index) = (cx.subject(), cx.index());
    let mut all = subject.wide(index).iter();
    let Some(wide) = all.find(|it| it.level == AccessLevel::Write) else {
        return;
    };
    let Some(first) = wide.patterns.first() else {
        return;
    };
    let star = subject.open_star(statement);
    let example = wide
        .actions
        .first()
        .and_then(|it| subject.memo.format_of_action(*it));
    let help = match example {
        Some(format) => format!("name resources, such as `{format}`"),
        None => "name resources".to_owned(),
    };
    let verb = if wide.count == 1 { "is" } else { "are" };
    let message = format!(
        "{} can be limited to resources, and {verb} not",
        wide.names()
    );
    let pattern = &statement.action.patterns[*first];
    let mut report = cx.report(pattern.span, message);
    if let Some(star) = star {
        report.related(star, "no resource is left out");
    }
    report
        .why("a mistake or a stolen credential reaches every resource of the account")
        .help(help);
}
