//! Documents without `Version`; the fix adds the current one.

use crate::policy::Version;
use crate::rule::{RuleContext, set_version};
use crate::source::Span;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let document = subject.document;
    if document.version != Version::Absent || document.statements.is_empty() {
        return;
    }
    // A misspelt one, and variables that do not work, are other rules'.
    let mut problems = subject.problems().iter();
    let is_misspelt = |key: &str| key.eq_ignore_ascii_case("version");
    let has_misspelt = subject
        .json
        .is_some_and(|it| it.members().any(|it| is_misspelt(it.key)));
    if has_misspelt || problems.any(|it| it.name == "variable-in-old-version") {
        return;
    }
    let edit = subject.editor().as_ref().and_then(set_version);
    let start = Span::new(document.span.start, document.span.start + 1);
    cx.report(start, "the document has no `Version`")
        .why("AWS then reads it by the version of 2008, in which policy variables are plain text")
        .help("add `\"Version\": \"2012-10-17\"`")
        .fix("add `\"Version\": \"2012-10-17\"`", edit);
}
