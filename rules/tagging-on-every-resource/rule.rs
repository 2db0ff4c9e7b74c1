//! Flags actions that tag that are allowed on `*` although they work on resources.

use crate::catalog::AccessLevel;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let (subject, index) = (cx.subject(), cx.index());
    let mut all = subject.wide(index).iter();
    let Some(wide) = all.find(|it| it.level == AccessLevel::Tagging) else {
        return;
    };
    let Some(first) = wide.patterns.first() else {
        return;
    };
    let star = subject.open_star(statement);
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
        .why("whoever can set tags decides what conditions on tags let through")
        .help("name resources, or add a condition on `aws:TagKeys`");
}
