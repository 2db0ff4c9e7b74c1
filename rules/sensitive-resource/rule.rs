//! Flags Allow statements that reach a resource on the team's list.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, _: &Statement) {
    let (subject, index) = (cx.subject(), cx.index());
    for (span, entry) in subject.sensitive_resources(index) {
        cx.report(span, format!("`{entry}` is sensitive, and reached here"))
            .why("your settings list it under `sensitive-resources`")
            .help("leave it out of the statement, or deny it in another one");
    }
}
